//! The head of a chain: the link that a resolver fires, and what a cancel does to its operation.
use crate::{
    Resolver,
    core::{chain::Chain, output::Output},
};
use std::{cell::Cell, panic::Location, rc::Rc};

/// What a cancel does to the operation. It has been taken out of the head, so it may cancel or fire
/// that head again. (Its two kinds are in `cancel.rs`.)
pub(crate) trait Undo<T: 'static>: Sized + 'static {
    fn cancel(self, head: &Rc<Head<T, Self>>);
}

/// The type of a canceller that is not there.
pub(crate) type NoUndo<T> = fn(Resolver<T>);

/// The first link of a chain. The canceller lies in it, not in a box: one allocation for both.
pub(crate) struct Head<T: 'static, F> {
    /// All other links of the chain share this through their `head`.
    pub(crate) chain: Chain,
    /// What becomes of the operation when it is cancelled. Empty after that, and without one.
    pub(crate) undo: Cell<Option<F>>,
    pub(crate) output: Output<T>,
}

impl<T: 'static, F> Head<T, F> {
    /// Not with `Rc::new`, which would put it together on the stack, find memory, and copy. A
    /// processor waits when it reads in one piece what was just written in several: that was a
    /// seventh of a Deferred's time.
    #[inline]
    pub(crate) fn new(made: &'static Location<'static>, undo: Option<F>) -> Rc<Head<T, F>> {
        Rc::new_cyclic(|_| Head {
            chain: Chain::new(made),
            undo: Cell::new(undo),
            output: Output::new(),
        })
    }
}

impl<T: 'static, F> Drop for Head<T, F> {
    #[inline]
    fn drop(&mut self) {
        self.output.close(|| &self.chain);
    }
}
