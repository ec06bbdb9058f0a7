//! The head of a chain: the state of the operation that its first result comes from.
use crate::{
    Cancelled, Failure, Resolver,
    chain::{Chain, Head, Turn},
    debug,
    drive::{self, Part, Step},
    node::{Ending, Output, Source, State},
};
use std::{cell::Cell, panic::Location, rc::Rc};

/// What a resolver fires, whatever its canceller is.
pub(crate) trait Origin<T>: Head + Source<T> {
    /// Gives the result, if it is the turn of whoever asks. The result of a cancelled operation is dropped.
    fn begin(
        &self,
        turn: Turn,
        at: &'static Location<'static>,
        result: Ending<T>,
    ) -> Option<Rc<dyn Step>>;
}

/// The type of a canceller that is not there.
pub(crate) type NoUndo<T> = fn(Resolver<T>);

/// The canceller is kept in it, not in a box: one allocation for both.
pub(crate) struct Root<T: 'static, F> {
    chain: Chain,
    /// What becomes of the operation when somebody cancels.
    undo: Cell<Option<F>>,
    output: Output<T>,
}

impl<T: 'static, F> Root<T, F> {
    #[inline]
    pub(crate) fn new(made: &'static Location<'static>, undo: Option<F>) -> Rc<Root<T, F>> {
        Rc::new(Root {
            chain: Chain::new(made),
            undo: Cell::new(undo),
            output: Output::new(),
        })
    }
}

impl<T: 'static> Root<T, NoUndo<T>> {
    /// A chain that has its result from the start.
    pub(crate) fn ready(made: &'static Location<'static>, result: Ending<T>) -> Rc<Self> {
        let root = Root::new(made, None);
        root.chain.turn.set(Turn::Over);
        root.chain.note_fire(made, &result);
        root.output.set(State::Has(result));
        root
    }
}

impl<T: 'static, F> Part for Root<T, F> {}

impl<T: 'static, F> Drop for Root<T, F> {
    #[inline]
    fn drop(&mut self) {
        self.output.close(&self.chain);
    }
}

impl<T: 'static, F> Source<T> for Root<T, F> {
    fn output(&self) -> &Output<T> {
        &self.output
    }

    fn of(&self) -> &Chain {
        &self.chain
    }
}

impl<T: 'static, F: FnOnce(Resolver<T>) + 'static> Origin<T> for Root<T, F> {
    fn begin(
        &self,
        turn: Turn,
        at: &'static Location<'static>,
        result: Ending<T>,
    ) -> Option<Rc<dyn Step>> {
        if self.chain.turn.get() != turn {
            debug::too_late(self.chain.made, at);
            return None;
        }
        self.chain.turn.set(Turn::Over);
        self.chain.note_fire(at, &result);
        self.chain.go_on();
        let undo = self.undo.take();
        let next = self.output.put(&self.chain, result);
        // Last: its drop may panic, and who waits must hear of the result, or that there will be none.
        drop(undo);
        next
    }
}

impl<T: 'static, F: FnOnce(Resolver<T>) + 'static> Head for Root<T, F> {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    #[track_caller]
    fn cancel(self: Rc<Self>) {
        if self.chain.turn.get() != Turn::First {
            return;
        }
        match self.undo.take() {
            None => {
                let at = self.chain.made;
                let failure = Failure::at(at, Cancelled);
                if let Some(step) = self.begin(Turn::First, at, Err(failure)) {
                    drive::run(step);
                }
            }
            Some(undo) => {
                self.chain.turn.set(Turn::Second);
                undo(Resolver::from_parts(self.clone(), Turn::Second));
            }
        }
    }
}
