//! Where the parts of a chain meet: the place for a result, who gives it, and who takes it.
use crate::{
    Failure,
    chain::{Chain, Shared},
    drive::{self, Part, Step},
};
use reactor::contain;
use std::{cell::Cell, mem, rc::Rc};

pub(crate) type Ending<T> = Result<T, Failure>;

/// Takes the result of the part before it.
pub(crate) trait Input<T>: Part {
    /// Does what it is there for with the result; what is returned runs next.
    fn give(self: Rc<Self>, result: Ending<T>) -> Option<Rc<dyn Step>>;
    /// The chain it belongs to.
    fn chain(&self) -> &Shared;
    /// Whether a pause of that chain keeps from it what comes from another chain.
    fn is_kept_by_a_pause(&self) -> bool {
        true
    }
    /// If it is there only to hand the result on, for a chain that nobody holds any more: who takes it there.
    fn behind(&self) -> Option<Rc<dyn Input<T>>> {
        None
    }
}

/// A part that a `Deferred<T>` can be the end of. Its step: the result goes to the one who takes it.
pub(crate) trait Source<T>: Step {
    fn output(&self) -> &Output<T>;
    /// The chain it is a part of.
    fn of(&self) -> &Chain;
    /// The result, if it is there and no pause keeps it; else the part again.
    fn read(self: Rc<Self>) -> Result<Ending<T>, Rc<dyn Source<T>>>;
}

/// Who takes the result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Nobody yet.
    Unknown,
    /// The next part of the chain.
    Next,
    /// A part of another chain, which waits for this one.
    Elsewhere,
    /// Nobody, ever: the Deferred was dropped.
    Gone,
}

// ANCHOR: output
/// Where a result and the one who takes it meet, whoever comes first.
///
/// Both have a place of their own, so that each is written and read as a whole.
/// One enum would need less room; but a processor waits when it reads in one piece
/// what was just written in two.
pub(crate) struct Output<T> {
    result: Cell<Option<Ending<T>>>,
    next: Cell<Option<Rc<dyn Input<T>>>>,
    reader: Cell<Reader>,
}
// ANCHOR_END: output

impl<T: 'static> Output<T> {
    #[inline]
    pub(crate) const fn new() -> Output<T> {
        Output {
            result: Cell::new(None),
            next: Cell::new(None),
            reader: Cell::new(Reader::Unknown),
        }
    }

    /// The result, if it is there.
    #[inline]
    pub(crate) fn take(&self) -> Option<Ending<T>> {
        self.result.take()
    }

    /// The result is here. Whether somebody waits for it: then the part that this belongs to is to take its step.
    #[inline]
    pub(crate) fn put<'a>(&self, chain: impl FnOnce() -> &'a Chain, result: Ending<T>) -> bool {
        // Each kind is moved on its own, as it was written.
        match (self.reader.get(), result) {
            (Reader::Gone, Ok(_)) => return false,
            (Reader::Gone, Err(failure)) => {
                chain().report(&failure);
                return false;
            }
            (_, Ok(value)) => fill(&self.result, Ok(value)),
            (_, Err(failure)) => fill(&self.result, Err(failure)),
        }
        self.reader.get() != Reader::Unknown
    }

    /// From now on the next part of the chain takes the result. Whether it is there: then the part that this belongs to
    /// is to take its step.
    #[inline]
    pub(crate) fn join(&self, next: Rc<dyn Input<T>>) -> bool {
        self.lead(Reader::Next, next)
    }

    /// The same for a part of a chain that waits for this one.
    pub(crate) fn join_from_elsewhere(&self, next: Rc<dyn Input<T>>) -> bool {
        self.lead(Reader::Elsewhere, next)
    }

    #[inline]
    fn lead(&self, reader: Reader, next: Rc<dyn Input<T>>) -> bool {
        self.reader.set(reader);
        fill(&self.next, next);
        // A look: what is in a cell can only be taken out and put back.
        let result = self.result.take();
        let there = result.is_some();
        mem::forget(self.result.replace(result));
        there
    }

    /// Who waits here, to wait elsewhere.
    pub(crate) fn leave(&self) -> Option<Rc<dyn Input<T>>> {
        self.next.take()
    }

    /// After [`leave`](Output::leave): it waits here all the same.
    pub(crate) fn rejoin(&self, next: Rc<dyn Input<T>>) {
        fill(&self.next, next);
    }

    /// The part that this belongs to is being dropped.
    #[inline]
    pub(crate) fn close<'a>(&self, chain: impl FnOnce() -> &'a Chain)
    where
        T: 'static,
    {
        if let Some(Err(failure)) = self.result.take() {
            chain().report(&failure);
        }
        if let Some(next) = self.next.take() {
            drive::let_go(next);
        }
    }
}

/// Puts something into an empty place, without a look at what was there: nothing that would have to be dropped.
#[inline]
fn fill<T>(place: &Cell<Option<T>>, what: T) {
    let before = place.replace(Some(what));
    debug_assert!(before.is_none(), "filled twice");
    mem::forget(before);
}

/// The step of a part: its result goes to the one who takes it. While its chain is paused, not yet.
#[inline(always)] // See `Root::take`.
pub(crate) fn pass<T: 'static>(part: Rc<impl Source<T> + 'static>) -> Option<Rc<dyn Step>> {
    let (chain, output) = (part.of(), part.output());
    if chain.is_paused() {
        chain.park(part.clone());
        return None;
    }
    let (result, next) = (output.result.take()?, output.next.take()?);
    let elsewhere = output.reader.get() == Reader::Elsewhere;
    // What gave its result need not be there while others work on that.
    drop(part);
    if elsewhere {
        return arrive(next, result);
    }
    // Each kind is moved on its own, as it was written.
    match result {
        Ok(value) => next.give(Ok(value)),
        Err(failure) => next.give(Err(failure)),
    }
}

/// `next` has what its chain waited for.
fn arrive<T: 'static>(next: Rc<dyn Input<T>>, result: Ending<T>) -> Option<Rc<dyn Step>> {
    let chain = next.chain().chain();
    if chain.is_paused() && next.is_kept_by_a_pause() {
        chain.park(Rc::new(Kept {
            next: next.clone(),
            result: Cell::new(Some(result)),
        }));
        return None;
    }
    chain.go_on();
    next.give(result)
}

/// A result that came for a chain that is paused. It arrives again when the pause is over.
struct Kept<T> {
    next: Rc<dyn Input<T>>,
    result: Cell<Option<Ending<T>>>,
}

impl<T> Part for Kept<T> {}

impl<T: 'static> Step for Kept<T> {
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        arrive(self.next.clone(), self.result.take()?)
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
            contain(|| nobody_reads(&*source));
        }
        drive::let_go(source);
    }
}

/// The end was dropped, and somebody else still holds the place for the result. Mostly that is who brings it. But it may
/// be the resolver of an operation that was cancelled, and nobody knows for how long: the result does not wait for that.
fn nobody_reads<T: 'static>(source: &dyn Source<T>) {
    let output = source.output();
    if output.reader.get() == Reader::Unknown {
        output.reader.set(Reader::Gone);
        if let Some(result) = output.take() {
            unread(source.of(), result);
        }
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
