//! Wrong: panics when connecting cannot even begin.
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
    let stream = reactor.connect(at).unwrap();
    let finished = Cell::new(Some(Box::new(finished) as Finished));
    reactor.register(
        stream,
        Rc::new(Download {
            stream,
            poem: RefCell::default(),
            finished,
        }),
    );
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        let mut bytes = [0; 1024];
        let result = loop {
            match reactor.read(self.stream, &mut bytes) {
                Ok(0) => break Ok(self.poem.take()),
                Ok(n) => self.poem.borrow_mut().extend(&bytes[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => break Err(error),
            }
        };
        reactor.close(self.stream, false);
        if let Some(finished) = self.finished.take() {
            finished(reactor, result);
        }
    }
}
