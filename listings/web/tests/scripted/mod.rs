//! Servers that say what a test wants them to say, byte for byte.
use coroutines::{block_on, spawn};
use deferreds::Failure;
use reactor::{Address, Handle, Reactor, Sim};
use std::{cell::RefCell, future::poll_fn, rc::Rc, time::Duration};
use transports::{Port, Stream, Streams, listen};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A server that talks raw bytes: `script` says what it answers to the nth request of all, and
/// whether it closes then.
pub(crate) fn raw(
    reactor: &Handle,
    script: impl Fn(usize) -> (&'static str, bool) + 'static,
) -> (Port, Rc<RefCell<Vec<String>>>) {
    let (heard, script) = (Rc::<RefCell<Vec<String>>>::default(), Rc::new(script));
    let (handle, log) = (reactor.clone(), Rc::clone(&heard));
    let serve = move |stream: Stream| {
        let (log, script) = (Rc::clone(&log), Rc::clone(&script));
        drop(spawn(&handle, async move {
            let mut unread = String::new();
            loop {
                let read = poll_fn(|context| {
                    stream.poll_read(context, |bytes| {
                        unread += &String::from_utf8_lossy(bytes);
                        bytes.len()
                    })
                });
                if read.await? == 0 {
                    return Ok(());
                }
                if unread.contains("\r\n\r\n") {
                    log.borrow_mut().push(std::mem::take(&mut unread));
                    let (answer, closes) = script(log.borrow().len());
                    stream.transport().write(answer);
                    if closes {
                        stream.transport().lose_connection();
                    }
                }
            }
        }));
    };
    (
        listen(reactor, &Address::loopback(0), Rc::new(Streams(serve))).unwrap(),
        heard,
    )
}

pub(crate) fn run<F>(test: impl FnOnce(Handle) -> F)
where
    F: Future<Output = Result<(), Failure>> + 'static,
{
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    block_on(&mut reactor, test(handle)).unwrap();
}
