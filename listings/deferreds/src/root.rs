//! The head of a chain: the state of the operation that its first result comes from.
use crate::{
    Cancelled, Failure, Resolver,
    chain::{Chain, Head, Turn},
    debug,
    drive::{self, Part},
    node::{Ending, Output, Source, State},
};
use std::{cell::Cell, panic::Location, rc::Rc};

/// What becomes of the operation when somebody cancels.
pub(crate) type Undo<T> = Box<dyn FnOnce(Resolver<T>)>;

pub(crate) struct Root<T: 'static> {
    chain: Chain,
    undo: Cell<Option<Undo<T>>>,
    output: Output<T>,
}

impl<T: 'static> Root<T> {
    pub(crate) fn new(made: &'static Location<'static>, undo: Option<Undo<T>>) -> Rc<Root<T>> {
        Rc::new(Root {
            chain: Chain::new(made),
            undo: Cell::new(undo),
            output: Output::new(),
        })
    }

    /// A chain that has its result from the start.
    pub(crate) fn ready(made: &'static Location<'static>, result: Ending<T>) -> Rc<Root<T>> {
        let root = Root::new(made, None);
        root.chain.turn.set(Turn::Over);
        root.chain.note_fire(made, &result);
        root.output.set(State::Has(result));
        root
    }

    pub(crate) fn turn(&self) -> Turn {
        self.chain.turn.get()
    }

    /// Gives the result, if it is the turn of whoever asks. The result of a cancelled operation is dropped.
    pub(crate) fn begin(
        &self,
        turn: Turn,
        at: &'static Location<'static>,
        result: Ending<T>,
    ) -> Option<Rc<dyn drive::Step>> {
        if self.chain.turn.get() != turn {
            debug::too_late(self.chain.made, at);
            return None;
        }
        self.chain.turn.set(Turn::Over);
        self.chain.note_fire(at, &result);
        self.chain.go_on();
        drop(self.undo.take());
        self.output.put(&self.chain, result)
    }
}

impl<T: 'static> Part for Root<T> {}

impl<T: 'static> Drop for Root<T> {
    #[inline]
    fn drop(&mut self) {
        self.output.close(&self.chain);
    }
}

impl<T: 'static> Source<T> for Root<T> {
    fn output(&self) -> &Output<T> {
        &self.output
    }

    fn of(&self) -> &Chain {
        &self.chain
    }
}

impl<T: 'static> Head for Root<T> {
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
