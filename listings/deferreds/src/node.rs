//! Where the parts of a chain meet: the place for a result, who gives it, and who takes it.
use crate::{
    Failure,
    chain::{Chain, Shared},
    drive::{self, Part, Step},
};
use std::{cell::Cell, mem, rc::Rc};

pub(crate) type Ending<T> = Result<T, Failure>;

/// Takes the result of the part before it.
pub(crate) trait Input<T>: Part {
    /// Keeps the result; what is returned runs next.
    fn give(self: Rc<Self>, result: Ending<T>) -> Rc<dyn Step>;
    /// The chain it belongs to.
    fn chain(&self) -> &Shared;
    /// If it is there only to hand the result on, for a chain that nobody holds any more: who takes it there.
    fn behind(&self) -> Option<Rc<dyn Input<T>>> {
        None
    }
}

/// A part that a `Deferred<T>` can be the end of.
pub(crate) trait Source<T>: Part {
    fn output(&self) -> &Output<T>;
    /// The chain it is a part of.
    fn of(&self) -> &Chain;
}

pub(crate) enum State<T> {
    /// No result, and nobody asked. Also after the result was given on.
    Empty,
    /// No result, and nobody will ask: the Deferred was dropped.
    Closed,
    Waits(Rc<dyn Input<T>>),
    Has(Ending<T>),
}

/// Where a result and the one who takes it meet, whoever comes first.
pub(crate) struct Output<T>(Cell<State<T>>);

impl<T> Output<T> {
    pub(crate) const fn new() -> Output<T> {
        Output(Cell::new(State::Empty))
    }

    #[inline]
    pub(crate) fn take(&self) -> State<T> {
        self.0.replace(State::Empty)
    }

    /// After [`take`](Output::take). Nothing is there that would have to be dropped, and looking for it cost a sixth of
    /// a stage: a processor waits when it reads in one piece what was just written in several.
    #[inline]
    pub(crate) fn set(&self, state: State<T>) {
        let before = self.0.replace(state);
        debug_assert!(matches!(before, State::Empty), "set without take");
        mem::forget(before);
    }

    /// The result is here. A chain that is paused keeps it from who waits.
    #[inline]
    pub(crate) fn put(&self, chain: &Chain, result: Ending<T>) -> Option<Rc<dyn Step>> {
        match self.take() {
            State::Waits(next) => return chain.unless_paused(next.give(result)),
            State::Closed => unread(chain, result),
            State::Empty | State::Has(_) => self.set(State::Has(result)),
        }
        None
    }

    /// The part that this belongs to is being dropped.
    #[inline]
    pub(crate) fn close(&self, chain: &Chain)
    where
        T: 'static,
    {
        match self.take() {
            State::Empty | State::Closed | State::Has(Ok(_)) => {}
            State::Has(Err(failure)) => chain.report(&failure),
            State::Waits(next) => drive::let_go(next),
        }
    }
}

/// Holds the last part of a chain. The loop drops it: what it owns may own the end of another chain, and so on.
pub(crate) struct End<T: 'static>(Option<Rc<dyn Source<T>>>);

impl<T: 'static> End<T> {
    #[inline]
    pub(crate) fn new(source: Rc<dyn Source<T>>) -> End<T> {
        End(Some(source))
    }

    pub(crate) fn output(&self) -> &Output<T> {
        match &self.0 {
            Some(source) => source.output(),
            None => unreachable!("an end is empty only while it is dropped"),
        }
    }

    /// The part itself, for whoever takes its result: then nothing is left in it.
    #[inline]
    pub(crate) fn into_source(mut self) -> Rc<dyn Source<T>> {
        let source = self.0.take();
        mem::forget(self); // Nothing is left in it, and finding that out would cost each stage a call.
        match source {
            Some(source) => source,
            None => unreachable!("an end is empty only while it is dropped"),
        }
    }
}

impl<T: 'static> Drop for End<T> {
    #[inline]
    fn drop(&mut self) {
        let Some(source) = self.0.take() else { return };
        if Rc::strong_count(&source) > 1 {
            nobody_reads(&*source);
        }
        drive::let_go(source);
    }
}

/// The end was dropped, and somebody else still holds the place for the result. Mostly that is who brings it. But it may
/// be the resolver of an operation that was cancelled, and nobody knows for how long: the result does not wait for that.
fn nobody_reads<T>(source: &dyn Source<T>) {
    match source.output().take() {
        State::Has(result) => unread(source.of(), result),
        State::Empty => source.output().set(State::Closed),
        state => source.output().set(state),
    }
}

#[cold]
fn unread<T>(chain: &Chain, result: Ending<T>) {
    if let Err(failure) = result {
        chain.report(&failure);
    }
}

pub(crate) fn rail<T>(result: &Ending<T>) -> &'static str {
    if result.is_ok() { "ok" } else { "err" }
}

/// What a recording shows of it: the value, if its type is one of those that `trace` knows, or what went wrong.
pub(crate) fn shown<T: 'static>(result: &Ending<T>) -> Option<String> {
    match result {
        Ok(value) => trace::shown(value),
        Err(failure) => Some(failure.to_string()),
    }
}
