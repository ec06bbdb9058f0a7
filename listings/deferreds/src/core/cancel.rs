//! What a cancel does to an operation: it asks a canceller, or passes the cancel on.
use crate::{
    Cancelled, Failure, Resolver,
    core::{
        chain::State,
        head::{Head, Undo},
        output::Promise,
    },
};
use scopeguard::defer;
use std::rc::Rc;

/// A function that undoes it, and may answer. It is called once, and what the first resolver fires
/// from then on is dropped.
impl<T: 'static, F: FnOnce(Resolver<T>) + 'static> Undo<T> for F {
    fn cancel(self, head: &Rc<Head<T, F>>) {
        let chain = &head.chain;
        chain.state.set(State::Cancelling);
        chain.in_canceller.set(true);
        // If it drops its resolver, that is its answer, and it is fired now: also inside a stage of
        // another chain, so that the caller of `cancel` sees what follows.
        defer! {
            chain.in_canceller.set(false);
            if chain.state.get() == State::Declined {
                chain.state.set(State::Cancelling);
                let failure = Err(Failure::at(chain.made, Cancelled));
                head.clone().fire(State::Cancelling, chain.made, failure);
            }
        }
        self(Resolver::from_parts(head.clone(), State::Cancelling));
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
