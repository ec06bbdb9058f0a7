//! A download that always tells how it ended: you complete it.
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
    /// Ends it when the server has said nothing for too long.
    patience: RefCell<Option<DelayedCall>>,
}

/// Downloads everything that the server at `at` sends, and tells `finished` how it ended.
pub fn get_poem(
    reactor: &Handle,
    at: &Address,
    finished: impl FnOnce(&Handle, io::Result<Vec<u8>>) + 'static,
) {
    let poem: RefCell<Vec<u8>> = RefCell::default();
    let finished: Cell<Option<Finished>> = Cell::new(Some(Box::new(finished)));
    let _ = (reactor, poem, finished);
    todo!("connect to {at}, and think of the case that this fails")
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        let mut bytes = [0; 1024];
        let _ = reactor.read(self.stream, &mut bytes);
        todo!("{} bytes so far", self.poem.borrow().len())
    }
}
