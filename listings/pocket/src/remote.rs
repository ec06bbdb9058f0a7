//! Calls from other threads: a channel, and a pair of sockets that makes the loop look into it.
use crate::reactor::{Handle, Id, Source};
use mio::net::UnixStream;
use std::io::{self, Read, Write};
use std::{rc::Rc, sync::Arc, sync::mpsc};

type RemoteCall = Box<dyn FnOnce(&Handle) + Send>;

/// The one part of a reactor that may go to another thread.
#[derive(Clone)]
pub struct Remote {
    calls: mpsc::Sender<RemoteCall>,
    waker: Arc<UnixStream>,
}

struct Mailbox {
    calls: mpsc::Receiver<RemoteCall>,
    wakes: UnixStream,
}

impl Remote {
    pub fn new(reactor: &Handle) -> io::Result<Remote> {
        let (sender, calls) = mpsc::channel();
        let (waker, mut wakes) = UnixStream::pair()?;
        let id = reactor.adopt(&mut wakes)?;
        reactor.register(id, Rc::new(Mailbox { calls, wakes }));
        Ok(Remote { calls: sender, waker: Arc::new(waker) })
    }

    /// First the call, then the wake-up. A socket that is full of them has woken the loop.
    pub fn call(&self, call: impl FnOnce(&Handle) + Send + 'static) {
        if self.calls.send(Box::new(call)).is_ok() {
            let _ = (&*self.waker).write(&[1]);
        }
    }
}

impl Source for Mailbox {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id) {
        while (&self.wakes).read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
        for call in self.calls.try_iter() {
            reactor.call_soon(call);
        }
    }
}
