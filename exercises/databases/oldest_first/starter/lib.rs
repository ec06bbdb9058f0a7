//! Replies without numbers, matched to commands by their order.
use std::{cell::RefCell, error::Error, fmt, rc::Rc};
use untwisted::deferreds::{Deferred, Resolver};

/// The connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is lost")
    }
}

impl Error for Lost {}

/// Commands that wait for their replies.
#[derive(Clone, Default)]
pub struct Pending(Rc<RefCell<Vec<Resolver<String>>>>);

impl Pending {
    /// A command was sent: returns the Deferred of its reply.
    pub fn sent(&self) -> Deferred<String> {
        let (resolver, reply) = Deferred::new();
        self.0.borrow_mut().push(resolver);
        reply
    }

    /// A reply has come. `false` says that no command asked for it.
    pub fn reply(&self, text: &str) -> bool {
        // A caller that has left needs no reply.
        self.0.borrow_mut().retain(|waits| !waits.is_cancelled());
        if self.0.borrow().is_empty() {
            return false;
        }
        self.0.borrow_mut().remove(0).callback(text.to_owned());
        true
    }

    /// The connection is gone.
    pub fn lost(&self) {
        for waits in self.0.borrow_mut().drain(..) {
            waits.errback(Lost);
        }
    }
}
