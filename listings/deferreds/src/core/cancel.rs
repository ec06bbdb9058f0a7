//! What a cancel does to an operation: it asks a canceller, or passes the cancel on.
use crate::{
    Cancelled, Failure, Resolver,
    core::{
        chain::State,
        head::{Head, Undo},
        output::Promise,
    },
};
use std::rc::Rc;

/// A function that undoes it, and may answer. It is called once, and what the first resolver fires
/// from then on is dropped.
impl<T: 'static, F: FnOnce(Resolver<T>) + 'static> Undo<T> for F {
    fn cancel(self, head: &Rc<Head<T, F>>) {
        head.chain.state.set(State::Cancelling);
        head.chain.in_canceller.set(true);
        let _asking = Asking(head);
        self(Resolver::from_parts(head.clone(), State::Cancelling));
    }
}

/// A canceller that is running, until this is dropped. If it dropped its resolver, that is its
/// answer, and it is fired now: also inside a stage of another chain, so that the caller of
/// `cancel` sees what follows.
struct Asking<'h, T: 'static, F: Undo<T>>(&'h Rc<Head<T, F>>);

impl<T: 'static, F: Undo<T>> Drop for Asking<'_, T, F> {
    fn drop(&mut self) {
        let chain = &self.0.chain;
        chain.in_canceller.set(false);
        if chain.state.get() == State::Declined {
            chain.state.set(State::Cancelling);
            let failure = Err(Failure::at(chain.made, Cancelled));
            self.0.clone().fire(State::Cancelling, chain.made, failure);
        }
    }
}

/// Passes a cancel on to others, each time that there is one. What they answer comes as it would
/// without.
pub(crate) struct PassOn<F>(Rc<F>);

impl<F: Fn() + 'static> PassOn<F> {
    pub(crate) fn to(others: F) -> PassOn<F> {
        PassOn(Rc::new(others))
    }
}

impl<T: 'static, F: Fn() + 'static> Undo<T> for PassOn<F> {
    fn cancel(self, head: &Rc<Head<T, PassOn<F>>>) {
        let others = self.0.clone();
        // Back before the call: the others may lead to another cancel of this one.
        head.undo.set(Some(self));
        others();
    }
}
