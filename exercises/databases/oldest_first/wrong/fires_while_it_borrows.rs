//! Replies without numbers, matched to commands by their order.
use std::{cell::RefCell, collections::VecDeque, error::Error, fmt, rc::Rc};
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
pub struct Pending(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Resolver<String>>,
    lost: bool,
}

impl Pending {
    /// A command was sent: returns the Deferred of its reply.
    pub fn sent(&self) -> Deferred<String> {
        if self.0.borrow().lost {
            return Deferred::fail(Lost);
        }
        let (resolver, reply) = Deferred::new();
        self.0.borrow_mut().waiting.push_back(resolver);
        reply
    }

    /// A reply has come. `false` says that no command asked for it.
    pub fn reply(&self, text: &str) -> bool {
        if let Some(resolver) = self.0.borrow_mut().waiting.pop_front() {
            resolver.callback(text.to_owned());
            return true;
        }
        false
    }

    /// The connection is gone.
    pub fn lost(&self) {
        self.0.borrow_mut().lost = true;
        loop {
            let oldest = self.0.borrow_mut().waiting.pop_front();
            let Some(resolver) = oldest else { return };
            resolver.errback(Lost);
        }
    }
}
