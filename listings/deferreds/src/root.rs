//! The head of a chain: the state of the operation that its first result comes from.
use crate::{
    Cancelled, Failure, Resolver,
    chain::{Chain, Head, Turn},
    debug,
    drive::{self, Part, Step},
    node::{Ending, Output, Source, pass},
};
use reactor::contain;
use std::{cell::Cell, mem, panic::Location, rc::Rc};

/// What a resolver fires, whatever its canceller is.
pub(crate) trait Origin<T>: Head + Source<T> {
    /// Takes the result, if it is the turn of whoever brings it, and gives what is to run next. The result of a cancelled
    /// operation is dropped.
    fn begin(
        self: Rc<Self>,
        turn: Turn,
        at: &'static Location<'static>,
        result: Ending<T>,
    ) -> Option<Rc<dyn Step>>;
    /// The same, and runs what is to run next.
    fn fire(self: Rc<Self>, turn: Turn, at: &'static Location<'static>, result: Ending<T>);
}

/// The type of a canceller that is not there.
pub(crate) type NoUndo<T> = fn(Resolver<T>);

/// What a cancel does to the operation. It has been taken out of its root, so it may cancel or fire that root again.
pub(crate) trait Undo<T: 'static>: Sized + 'static {
    fn cancel(self, root: &Rc<Root<T, Self>>);
}

/// A function that undoes it, and may answer. It is called once, and the first resolver has nothing more to say.
impl<T: 'static, F: FnOnce(Resolver<T>) + 'static> Undo<T> for F {
    fn cancel(self, root: &Rc<Root<T, F>>) {
        root.chain.turn.set(Turn::Second);
        root.chain.asking.set(true);
        let _asking = Asking(root);
        self(Resolver::from_parts(root.clone(), Turn::Second));
    }
}

/// A canceller that is running, until this is dropped. If it dropped its resolver, that is its answer, and it is
/// fired now: also inside a stage of another chain, so that whoever cancels sees what follows.
struct Asking<'r, T: 'static, F: Undo<T>>(&'r Rc<Root<T, F>>);

impl<T: 'static, F: Undo<T>> Drop for Asking<'_, T, F> {
    fn drop(&mut self) {
        let chain = &self.0.chain;
        chain.asking.set(false);
        if chain.turn.get() == Turn::Declined {
            chain.turn.set(Turn::Second);
            let failure = Failure::at(chain.made, Cancelled);
            self.0.clone().fire(Turn::Second, chain.made, Err(failure));
        }
    }
}

/// Passes a cancel on to others, each time that there is one. What they answer comes as it would without.
pub(crate) struct PassOn<F>(Rc<F>);

impl<F: Fn() + 'static> PassOn<F> {
    pub(crate) fn to(others: F) -> PassOn<F> {
        PassOn(Rc::new(others))
    }
}

impl<T: 'static, F: Fn() + 'static> Undo<T> for PassOn<F> {
    fn cancel(self, root: &Rc<Root<T, PassOn<F>>>) {
        let others = self.0.clone();
        root.undo.set(Some(self));
        others();
    }
}

/// The canceller is kept in it, not in a box: one allocation for both.
pub(crate) struct Root<T: 'static, F> {
    chain: Chain,
    /// What becomes of the operation when somebody cancels.
    undo: Cell<Option<F>>,
    output: Output<T>,
}

impl<T: 'static, F> Root<T, F> {
    /// Not with `Rc::new`, which would put it together on the stack, find memory, and copy. A processor waits when it
    /// reads in one piece what was just written in several: that was a seventh of a Deferred's time.
    #[inline]
    pub(crate) fn new(made: &'static Location<'static>, undo: Option<F>) -> Rc<Root<T, F>> {
        Rc::new_cyclic(|_| Root {
            chain: Chain::new(made),
            undo: Cell::new(undo),
            output: Output::new(),
        })
    }

    /// Takes a result, if it is the turn of whoever fires it. Whether somebody waits for it.
    #[inline(always)] // A compiler left to itself calls it, and a Deferred takes 4 % longer.
    fn take(&self, turn: Turn, at: &'static Location<'static>, result: Ending<T>) -> bool {
        if self.chain.turn.get() != turn {
            debug::too_late(self.chain.made, at);
            return false;
        }
        self.chain.turn.set(Turn::Over);
        self.chain.note_fire(at, &result);
        let awaited = self.output.put(|| &self.chain, result);
        if let Some(undo) = self.undo.take() {
            let told = Told(&self.output);
            contain(|| drop(undo));
            mem::forget(told);
        }
        awaited
    }
}

/// The drop of a canceller may panic. Who waits is told then, by being dropped, that no result will come.
struct Told<'a, T: 'static>(&'a Output<T>);

impl<T> Drop for Told<'_, T> {
    fn drop(&mut self) {
        if let Some(next) = self.0.leave() {
            drive::let_go(next);
        }
    }
}

impl<T: 'static> Root<T, NoUndo<T>> {
    /// A chain that has its result from the start.
    pub(crate) fn ready(made: &'static Location<'static>, result: Ending<T>) -> Rc<Self> {
        let root = Root::new(made, None);
        root.take(Turn::First, made, result);
        root
    }
}

impl<T: 'static, F> Part for Root<T, F> {}

impl<T: 'static, F: 'static> Step for Root<T, F> {
    #[inline(always)] // As above.
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        pass(self)
    }
}

impl<T: 'static, F> Drop for Root<T, F> {
    #[inline]
    fn drop(&mut self) {
        self.output.close(|| &self.chain);
    }
}

impl<T: 'static, F: 'static> Source<T> for Root<T, F> {
    fn output(&self) -> &Output<T> {
        &self.output
    }

    fn of(&self) -> &Chain {
        &self.chain
    }

    fn read(self: Rc<Self>) -> Result<Ending<T>, Rc<dyn Source<T>>> {
        if self.chain.is_paused() {
            return Err(self);
        }
        match self.output.take() {
            Some(Ok(value)) => Ok(Ok(value)),
            Some(Err(failure)) => Ok(Err(failure)),
            None => Err(self),
        }
    }
}

impl<T: 'static, F: Undo<T>> Origin<T> for Root<T, F> {
    fn begin(
        self: Rc<Self>,
        turn: Turn,
        at: &'static Location<'static>,
        result: Ending<T>,
    ) -> Option<Rc<dyn Step>> {
        if self.chain.turn.get() == turn {
            self.chain.go_on();
        }
        if self.take(turn, at, result) {
            Some(self)
        } else {
            None
        }
    }

    fn fire(self: Rc<Self>, turn: Turn, at: &'static Location<'static>, result: Ending<T>) {
        if self.take(turn, at, result) {
            drive::run_known(self);
        }
    }
}

impl<T: 'static, F: Undo<T>> Head for Root<T, F> {
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
                self.fire(Turn::First, at, Err(failure));
            }
            Some(undo) => undo.cancel(&self),
        }
    }
}
