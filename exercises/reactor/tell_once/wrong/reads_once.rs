//! Wrong: reads once for each event, and is not told of the rest.
use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind},
    rc::Rc,
};
use untwisted::reactor::{Address, Handle, Id, Readiness, Source};

/// Hears how a download ended.
type Finished = Box<dyn FnOnce(&Handle, io::Result<Vec<u8>>)>;

/// A download under way.
struct Download {
    stream: Id,
    poem: RefCell<Vec<u8>>,
    finished: Cell<Option<Finished>>,
}

/// Downloads everything that the server at `at` sends, and tells `finished` how it ended.
pub fn get_poem(
    reactor: &Handle,
    at: &Address,
    finished: impl FnOnce(&Handle, io::Result<Vec<u8>>) + 'static,
) {
    match reactor.connect(at) {
        Ok(stream) => {
            let finished = Cell::new(Some(Box::new(finished) as Finished));
            let download = Download {
                stream,
                poem: RefCell::default(),
                finished,
            };
            reactor.register(stream, Rc::new(download));
        }
        Err(error) => reactor.call_soon(move |reactor| finished(reactor, Err(error))),
    }
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        let mut bytes = [0; 64];
        let result = match reactor.read(self.stream, &mut bytes) {
            Ok(0) => Ok(self.poem.take()),
            Ok(n) => return self.poem.borrow_mut().extend(&bytes[..n]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => Err(error),
        };
        reactor.close(self.stream, false);
        if let Some(finished) = self.finished.take() {
            finished(reactor, result);
        }
    }
}
