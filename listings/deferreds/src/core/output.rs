//! Where the links of a chain meet: the result of one, and the link that waits for it.
use crate::{
    Failure,
    core::{
        chain::{Chain, Link, State},
        trampoline,
    },
};
use reactor::contain;
use std::{cell::Cell, mem, panic::Location, rc::Rc};

/// A link that gets a result: a stage computes it, and a resolver brings it to the head.
pub(crate) trait Upstream<T>: Link {
    /// Returns where its result meets the link that waits for it.
    fn output(&self) -> &Output<T>;
    /// Returns the result, if it is there and no pause keeps it; else the link again.
    fn read(self: Rc<Self>) -> Result<Result<T, Failure>, Rc<dyn Upstream<T>>>;
}

/// What a resolver holds: the head of a chain, whatever its canceller is.
///
/// A trait of its own, so that the compiler knows the head's type from here to its first step:
/// with calls through [`Upstream`], a Deferred takes a fifth longer.
pub(crate) trait Promise<T>: Upstream<T> {
    /// Takes the result, and runs what follows from it.
    fn fire(
        self: Rc<Self>,
        state: State,
        at: &'static Location<'static>,
        result: Result<T, Failure>,
    );
    /// The same, but returns the link that is to run next.
    fn fire_next(
        self: Rc<Self>,
        state: State,
        at: &'static Location<'static>,
        result: Result<T, Failure>,
    ) -> Option<Rc<dyn Link>>;
}

/// A link that waits for the result of the one before it.
pub(crate) trait Downstream<T>: Link {
    /// Does its work with the result. Returns the link that runs next.
    fn receive(self: Rc<Self>, result: Result<T, Failure>) -> Option<Rc<dyn Link>>;
    /// Whether a pause of its chain keeps from it what comes from another chain.
    fn waits_for_a_pause(&self) -> bool {
        true
    }
    /// Returns the link to which it only hands the result on, if no handle to its own chain is
    /// left: then that one can wait in its place.
    fn shortcut(&self) -> Option<Rc<dyn Downstream<T>>> {
        None
    }
}

/// Which link takes the result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// None so far: the Deferred is in the hands of the program.
    Unknown,
    /// The next link of the chain.
    Next,
    /// A link of another chain, which waits for this one.
    OtherChain,
    /// None, ever: the Deferred was dropped.
    Dropped,
}

// ANCHOR: output
/// Where a result and the link that takes it meet, in either order.
///
/// Both have a place of their own, so that each is written and read as a whole.
/// One enum would need less room; but a processor waits when it reads in one piece
/// what was just written in two.
pub(crate) struct Output<T> {
    result: Cell<Option<Result<T, Failure>>>,
    next: Cell<Option<Rc<dyn Downstream<T>>>>,
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

    /// Returns the result, if it is there.
    #[inline]
    pub(crate) fn take(&self) -> Option<Result<T, Failure>> {
        self.result.take()
    }

    /// Stores the result. Returns whether a link waits for it: then the link that this output
    /// belongs to is to take its step.
    #[inline]
    pub(crate) fn put<'a>(
        &self,
        chain: impl FnOnce() -> &'a Chain,
        result: Result<T, Failure>,
    ) -> bool {
        // Each kind is moved on its own, as it was written.
        match (self.reader.get(), result) {
            (Reader::Dropped, Ok(value)) => {
                // Its destructor is code of others, and we may be on the way down.
                contain(|| drop(value));
                return false;
            }
            (Reader::Dropped, Err(failure)) => {
                chain().report(&failure);
                return false;
            }
            (_, Ok(value)) => fill(&self.result, Ok(value)),
            (_, Err(failure)) => fill(&self.result, Err(failure)),
        }
        self.reader.get() != Reader::Unknown
    }

    /// Lets the next link of the chain wait here. Returns whether the result is there: then the
    /// link that this output belongs to is to take its step.
    #[inline]
    pub(crate) fn connect(&self, next: Rc<dyn Downstream<T>>) -> bool {
        self.connect_as(Reader::Next, next)
    }

    /// The same for a link of a chain that waits for this one.
    pub(crate) fn connect_other_chain(&self, next: Rc<dyn Downstream<T>>) -> bool {
        self.connect_as(Reader::OtherChain, next)
    }

    #[inline]
    fn connect_as(&self, reader: Reader, next: Rc<dyn Downstream<T>>) -> bool {
        self.reader.set(reader);
        fill(&self.next, next);
        // A look: what is in a cell can only be taken out and put back.
        let result = self.result.take();
        let there = result.is_some();
        mem::forget(self.result.replace(result));
        there
    }

    /// Returns whether the link that waits here is one of another chain.
    #[inline]
    pub(crate) fn is_read_elsewhere(&self) -> bool {
        self.reader.get() == Reader::OtherChain
    }

    /// Returns the link that waits here, so that it can receive the result, or wait elsewhere.
    #[inline]
    pub(crate) fn disconnect(&self) -> Option<Rc<dyn Downstream<T>>> {
        self.next.take()
    }

    /// Takes back what [`disconnect`](Output::disconnect) returned: it waits here all the same.
    pub(crate) fn reconnect(&self, next: Rc<dyn Downstream<T>>) {
        fill(&self.next, next);
    }

    /// The link that this belongs to is being dropped.
    #[inline]
    pub(crate) fn close<'a>(&self, chain: impl FnOnce() -> &'a Chain) {
        if let Some(Err(failure)) = self.result.take() {
            chain().report(&failure);
        }
        if let Some(next) = self.next.take() {
            trampoline::let_go(next);
        }
    }
}

/// Puts something into an empty cell, without a look at what was there: nothing that would have
/// to be dropped.
#[inline]
fn fill<T>(cell: &Cell<Option<T>>, what: T) {
    let before = cell.replace(Some(what));
    debug_assert!(before.is_none(), "filled twice");
    mem::forget(before);
}

/// Holds the last link of a chain, of which a Deferred is made. The trampoline drops it: what it
/// owns may own the tail of another chain, and so on.
pub(crate) struct Tail<T: 'static>(Option<Rc<dyn Upstream<T>>>);

impl<T: 'static> Tail<T> {
    #[inline]
    pub(crate) fn new(link: Rc<dyn Upstream<T>>) -> Tail<T> {
        Tail(Some(link))
    }

    pub(crate) fn output(&self) -> &Output<T> {
        match &self.0 {
            Some(link) => link.output(),
            None => unreachable!("a tail is empty only while it is dropped"),
        }
    }

    /// Returns the link itself, for the one that takes its result: then nothing is left in it.
    #[inline]
    pub(crate) fn into_link(mut self) -> Rc<dyn Upstream<T>> {
        let link = self.0.take();
        mem::forget(self); // It is empty, and finding that out would cost each stage a call.
        match link {
            Some(link) => link,
            None => unreachable!("a tail is empty only while it is dropped"),
        }
    }
}

impl<T: 'static> Drop for Tail<T> {
    #[inline]
    fn drop(&mut self) {
        let Some(link) = self.0.take() else { return };
        // With one owner the output goes with its link, and `close` reports what is left in it.
        if Rc::strong_count(&link) > 1 {
            contain(|| drop_unread(&*link));
        }
        trampoline::let_go(link);
    }
}

/// The tail was dropped, and another owner still holds the link. Mostly that is the one that
/// brings the result. But it may be the resolver of an operation that was cancelled, which may
/// live for long: the result does not wait for that.
fn drop_unread<T: 'static>(link: &dyn Upstream<T>) {
    let output = link.output();
    if output.reader.get() == Reader::Unknown {
        output.reader.set(Reader::Dropped);
        if let Some(result) = output.take() {
            report_unread(link.chain(), result);
        }
    }
}

#[cold]
fn report_unread<T>(chain: &Chain, result: Result<T, Failure>) {
    if let Err(failure) = result {
        chain.report(&failure);
    }
}
