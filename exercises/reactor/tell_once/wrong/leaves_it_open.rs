//! Wrong: the stream is never closed.
use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind},
    rc::Rc,
    time::Duration,
};
use untwisted::reactor::{Address, DelayedCall, Handle, Id, Readiness, Source};

/// How long a server may say nothing.
pub const SILENCE: Duration = Duration::from_secs(10);

/// Hears how a download ended.
type Finished = Box<dyn FnOnce(&Handle, io::Result<Vec<u8>>)>;

/// A download under way.
struct Download {
    stream: Id,
    poem: RefCell<Vec<u8>>,
    finished: Cell<Option<Finished>>,
    patience: RefCell<Option<DelayedCall>>,
}

/// Downloads everything that the server at `at` sends, and tells `finished` how it ended.
pub fn get_poem(
    reactor: &Handle,
    at: &Address,
    finished: impl FnOnce(&Handle, io::Result<Vec<u8>>) + 'static,
) {
    let stream = match reactor.connect(at) {
        Ok(stream) => stream,
        Err(error) => {
            reactor.call_soon(move |reactor| finished(reactor, Err(error)));
            return;
        }
    };
    let download = Rc::new(Download {
        stream,
        poem: RefCell::default(),
        finished: Cell::new(Some(Box::new(finished))),
        patience: RefCell::default(),
    });
    let silent = Rc::clone(&download);
    let patience = reactor.call_later(SILENCE, move |reactor| {
        silent.end(reactor, Err(ErrorKind::TimedOut.into()));
    });
    download.patience.replace(Some(patience));
    reactor.register(stream, download);
}

impl Download {
    /// All ends come by here, and only the first of them calls `finished`.
    fn end(&self, reactor: &Handle, result: io::Result<Vec<u8>>) {
        let Some(finished) = self.finished.take() else {
            return;
        };
        if let Some(patience) = self.patience.take() {
            let _ = patience.cancel(); // it may be what has just run
        }
        finished(reactor, result);
    }
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        let mut bytes = [0; 1024];
        let result = loop {
            match reactor.read(self.stream, &mut bytes) {
                Ok(0) => break Ok(self.poem.take()),
                Ok(n) => {
                    self.poem.borrow_mut().extend(&bytes[..n]);
                    if let Some(patience) = &*self.patience.borrow() {
                        let _ = patience.reset(SILENCE);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => break Err(error),
            }
        };
        self.end(reactor, result);
    }
}
