//! A service in whose place another one can be put while it runs.
use std::{cell::RefCell, rc::Rc};
use untwisted::{
    applications::Service,
    deferreds::{Deferred, Failure},
    reactor::Handle,
};

/// Holds one service, and exchanges it.
pub struct Swap {
    now: RefCell<Rc<dyn Service>>,
    runs: RefCell<bool>,
}

impl Swap {
    /// Holds that one.
    pub fn new(first: Rc<dyn Service>) -> Rc<Swap> {
        Rc::new(Swap {
            now: RefCell::new(first),
            runs: RefCell::new(false),
        })
    }

    /// Puts `next` in its place.
    pub fn swap(&self, reactor: &Handle, next: Rc<dyn Service>) -> Deferred<()> {
        if !*self.runs.borrow() {
            self.now.replace(next);
            return Deferred::succeed(());
        }
        let before = self.now.replace(Rc::clone(&next));
        if let Err(failure) = next.start(reactor) {
            return Deferred::fail(failure);
        }
        before.stop(reactor)
    }
}

impl Service for Swap {
    fn name(&self) -> &str {
        "swap"
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        let now = self.now.borrow().clone();
        now.start(reactor)?;
        self.runs.replace(true);
        Ok(())
    }

    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        if !self.runs.replace(false) {
            return Deferred::succeed(());
        }
        let now = self.now.borrow().clone();
        now.stop(reactor)
    }
}
