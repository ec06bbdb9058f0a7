//! The walk of a result along its chain, from the resolver to the last link that can take it.
//!
//! A chain is a line of links. The first is its head, which the resolver fires; each stage is one
//! more. A link has an [`Output`], where its result meets the link that waits for it:
//!
//! ```text
//!   Resolver                                                              Deferred
//!      │ fire                                                                │ tail
//!      ▼                                                                     ▼
//!   ┌──────┐  result   ┌─────────────┐  result   ┌─────────────┐        ┌─────────┐
//!   │ Head ├──────────▶│ Stage (f)   ├──────────▶│ Stage (g)   ├── … ──▶│  Stage  │
//!   └──────┘   pass    └──────┬──────┘   pass    └─────────────┘        └─────────┘
//!                     receive │ f returned a Deferred of another chain: `wait_for`
//!                             ▼
//!   ┌──────┐  result   ┌─────────────┐  arrive: to the stage behind f, or by a
//!   │ Head ├── … ─────▶│ its tail    ├──────────▶ Handover to f, if f's chain can still
//!   └──────┘           └─────────────┘           be cancelled or paused from outside
//! ```
//!
//! No link calls the next one, or a long chain would need a deep stack. Each *returns* the link
//! that is to run next, and the loop in `trampoline.rs` runs it. So the walk is:
//!
//! 1. [`Promise::fire`] puts the result into the head; if a stage waits there, the head runs.
//! 2. [`Link::step`] of a link that has a result: [`pass`] takes it out, and the waiting link too.
//! 3. [`Downstream::receive`] of that one: a stage calls its function with it.
//! 4. A `Result` that it returns is the stage's own, and the stage is the next to run: 2 again.
//!    For a Deferred, the stage waits ([`wait_for`]); what runs next is that chain, if it can.
//!
//! The walk ends at a link that no other waits for, at a pause, or at a stage that waits.
use crate::{
    Deferred, Failure, Next, WaitsForItself,
    core::{
        chain::{self, Chain, Link, State},
        debug,
        head::{Head, Undo},
        output::{Downstream, Output, Promise, Tail, Upstream},
        stage::Stage,
        trampoline,
    },
};
use reactor::contain;
use scopeguard::{ScopeGuard, guard};
use std::{cell::Cell, panic::Location, rc::Rc};

// ---- 1. A resolver fires the head of a chain.

impl<T: 'static, F: Undo<T>> Promise<T> for Head<T, F> {
    fn fire(
        self: Rc<Self>,
        state: State,
        at: &'static Location<'static>,
        result: Result<T, Failure>,
    ) {
        if self.take(state, at, result) {
            trampoline::run_known(self);
        }
    }
    fn fire_next(
        self: Rc<Self>,
        state: State,
        at: &'static Location<'static>,
        result: Result<T, Failure>,
    ) -> Option<Rc<dyn Link>> {
        if self.take(state, at, result) {
            Some(self)
        } else {
            None
        }
    }
}

impl<T: 'static, F: Undo<T>> Head<T, F> {
    /// Takes the result if `state` says that it is this resolver's turn, and drops it otherwise.
    /// Returns whether a link waits for it.
    #[inline(always)] // A compiler left to itself calls it, and a Deferred takes 4 % longer.
    pub(crate) fn take(
        self: &Rc<Self>,
        state: State,
        at: &'static Location<'static>,
        result: Result<T, Failure>,
    ) -> bool {
        let chain = &self.chain;
        // It was cancelled, and the result comes too late: the canceller has the word.
        if chain.state.get() != state {
            debug::too_late(chain.made, at);
            // Its destructor is code of others, and we may be on the way down.
            contain(|| drop(result));
            return false;
        }
        // First, so that what runs from here on finds it settled, and cannot fire or cancel it
        // again.
        chain.state.set(State::Settled);
        chain.note_fire(at, &result);
        let awaited = self.output.put(|| chain, result);
        // The operation is over, so its canceller goes, with all that it has captured: often the
        // way to the operation, which has the way back.
        if let Some(undo) = self.undo.take() {
            // If its drop panics, nothing else runs the link that waits, and the result is
            // there all the same.
            let waiting = guard(self, |head| {
                if awaited {
                    trampoline::run_soon(head.clone());
                }
            });
            contain(|| drop(undo));
            ScopeGuard::into_inner(waiting);
        }
        awaited
    }
}

impl<T: 'static, F: Undo<T>> Upstream<T> for Head<T, F> {
    fn output(&self) -> &Output<T> {
        &self.output
    }

    fn read(self: Rc<Self>) -> Result<Result<T, Failure>, Rc<dyn Upstream<T>>> {
        if self.chain.is_paused() {
            return Err(self);
        }
        // Each kind is moved on its own, as it was written.
        match self.output.take() {
            Some(Ok(value)) => Ok(Ok(value)),
            Some(Err(failure)) => Ok(Err(failure)),
            None => Err(self),
        }
    }
}

impl<T: 'static, F: Undo<T>> Link for Head<T, F> {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    #[inline(always)] // A compiler left to itself calls `pass`, and a Deferred takes 4 % longer.
    fn step(self: Rc<Self>) -> Option<Rc<dyn Link>> {
        pass(self)
    }

    fn cancel(self: Rc<Self>) {
        // A second cancel, or one after the result, has nothing to undo.
        if self.chain.state.get() != State::Pending {
            return;
        }
        if let Some(undo) = self.undo.take() {
            return undo.cancel(&self);
        }
        let made = self.chain.made;
        let failure = Failure::at(made, crate::Cancelled);
        self.fire(State::Pending, made, Err(failure));
    }
}

// ---- 2. A link that has its result passes it to the link that waits.

/// The step of a link: its result goes to the link that waits for it. While its chain is paused,
/// not yet.
#[inline(always)] // See `Head::step`.
fn pass<T: 'static>(link: Rc<impl Upstream<T> + 'static>) -> Option<Rc<dyn Link>> {
    let chain = link.chain();
    // The result stays where it is. `Chain::resume` returns the link when the pause is over.
    if chain.is_paused() {
        chain.park(link.clone());
        return None;
    }
    let output = link.output();
    let (result, next) = (output.take()?, output.disconnect()?);
    let elsewhere = output.is_read_elsewhere();
    // What had its result need not be there while others work on that.
    drop(link);
    if elsewhere {
        return arrive(next, result);
    }
    // Each kind is moved on its own, as it was written.
    match result {
        Ok(value) => next.receive(Ok(value)),
        Err(failure) => next.receive(Err(failure)),
    }
}

/// `next` has what its chain waited for: a result of another chain.
fn arrive<T: 'static>(
    next: Rc<dyn Downstream<T>>,
    result: Result<T, Failure>,
) -> Option<Rc<dyn Link>> {
    let chain = next.chain();
    // The chain that it came from is not paused; this one is. The link it came from is gone, so
    // the result needs another place until the pause is over.
    if chain.is_paused() && next.waits_for_a_pause() {
        chain.park(Rc::new(Arrival {
            next: next.clone(),
            result: Cell::new(Some(result)),
        }));
        return None;
    }
    // From here on a cancel of this chain is no longer one of the other.
    chain.stop_waiting();
    next.receive(result)
}

/// A result that came for a chain that is paused. It arrives again when the pause is over.
struct Arrival<T> {
    next: Rc<dyn Downstream<T>>,
    result: Cell<Option<Result<T, Failure>>>,
}

impl<T: 'static> Link for Arrival<T> {
    fn chain(&self) -> &Chain {
        self.next.chain()
    }

    fn step(self: Rc<Self>) -> Option<Rc<dyn Link>> {
        arrive(self.next.clone(), self.result.take()?)
    }
}

// ---- 3. The next stage receives it, and calls its function.

impl<T: 'static, U: 'static, F> Downstream<T> for Stage<U, F>
where
    F: FnOnce(Result<T, Failure>) -> Next<U> + 'static,
{
    fn receive(self: Rc<Self>, input: Result<T, Failure>) -> Option<Rc<dyn Link>> {
        // It is out of its cell while it runs, so a panic leaves an empty stage behind.
        let call = self.call.take()?;
        let next = if trace::on() {
            self.record(input, call)
        } else {
            call(input)
        };
        match next {
            Next::Now(result) => {
                if self.output.put(|| self.head.chain(), result) {
                    Some(self)
                } else {
                    None
                }
            }
            Next::Later(inner) => wait_for(self.clone(), &self.head, inner),
        }
    }
}

impl<U: 'static, F: 'static> Upstream<U> for Stage<U, F> {
    fn output(&self) -> &Output<U> {
        &self.output
    }

    fn read(self: Rc<Self>) -> Result<Result<U, Failure>, Rc<dyn Upstream<U>>> {
        if self.head.chain().is_paused() {
            return Err(self);
        }
        match self.output.take() {
            Some(Ok(value)) => Ok(Ok(value)),
            Some(Err(failure)) => Ok(Err(failure)),
            None => Err(self),
        }
    }
}

impl<U: 'static, F: 'static> Link for Stage<U, F> {
    fn chain(&self) -> &Chain {
        self.head.chain()
    }

    fn step(self: Rc<Self>) -> Option<Rc<dyn Link>> {
        pass(self)
    }
}

// ---- 4. A stage that returned a Deferred waits for that one's chain.

/// A stage, `stage`, returned `inner`: whatever becomes the result of `inner` is the stage's, too.
///
/// The link that waits for the stage moves over to `inner`, so that a loop of such waits needs no
/// memory for the rounds that are done. A chain to which a canceller or a pauser is left is not
/// skipped: a [`Handover`] keeps its place, and is skipped in turn when it is next to a stage that
/// waits again and those handles are gone.
fn wait_for<T: 'static>(
    stage: Rc<dyn Upstream<T>>,
    own: &Rc<dyn Link>,
    inner: Deferred<T>,
) -> Option<Rc<dyn Link>> {
    let (tail, other) = inner.into_parts();
    let chain = own.chain();
    // A ring of chains would wait for ever. The one that closes it fails instead.
    if chain::would_wait_for_itself(chain, &other) {
        let failure = Failure::at(chain.made, WaitsForItself);
        return settle(stage, Err(failure));
    }
    let inner = tail.into_link();
    // It has fired already: no wait, and the walk goes on with the stage.
    if !other.chain().is_paused()
        && let Some(result) = inner.output().take()
    {
        return settle(stage, result);
    }
    let next = match past_what_is_over(stage.output(), own) {
        Some(next) => next,
        None => Handover::new(own.clone(), Tail::new(stage)),
    };
    // From here on a cancel of `next`'s chain is one of the inner chain.
    next.chain().wait_for(&other);
    // The result may be there, behind a pause: then the inner link parks in its step.
    if inner.output().connect_other_chain(next) {
        Some(inner)
    } else {
        None
    }
}

/// The stage has its result. Returns the stage if a link waits for that.
fn settle<T: 'static>(
    stage: Rc<dyn Upstream<T>>,
    result: Result<T, Failure>,
) -> Option<Rc<dyn Link>> {
    if stage.output().put(|| stage.chain(), result) {
        Some(stage)
    } else {
        None
    }
}

/// Returns the link that takes the result of the chain of `own` in the end, past the chains that
/// had handles when they began to wait and no longer have. None, if the one that waits at `output`
/// cannot be skipped.
fn past_what_is_over<T: 'static>(
    output: &Output<T>,
    own: &Rc<dyn Link>,
) -> Option<Rc<dyn Downstream<T>>> {
    let mut next = output.disconnect()?;
    // Each round frees one handover: `next` was the only owner of what led to `behind`.
    while let Some(behind) = next.shortcut() {
        next.chain().stop_waiting();
        behind.chain().wait_for(own);
        next = behind;
    }
    if chain::may_be_skipped(own, next.chain()) {
        return Some(next);
    }
    output.reconnect(next);
    None
}

/// Brings the result of another chain to a stage that waits for it and cannot be skipped.
struct Handover<T: 'static> {
    /// The head of the stage's chain.
    head: Rc<dyn Link>,
    /// The stage. Out of its cell once the result is there.
    to: Cell<Option<Tail<T>>>,
}

impl<T: 'static> Handover<T> {
    fn new(head: Rc<dyn Link>, to: Tail<T>) -> Rc<Handover<T>> {
        let to = Cell::new(Some(to));
        Rc::new(Handover { head, to })
    }
}

impl<T: 'static> Link for Handover<T> {
    fn chain(&self) -> &Chain {
        self.head.chain()
    }
}

impl<T: 'static> Downstream<T> for Handover<T> {
    fn receive(self: Rc<Self>, result: Result<T, Failure>) -> Option<Rc<dyn Link>> {
        settle(self.to.take()?.into_link(), result)
    }

    /// The stage has its result then, and the pause keeps that from the stages behind it.
    fn waits_for_a_pause(&self) -> bool {
        false
    }

    fn shortcut(&self) -> Option<Rc<dyn Downstream<T>>> {
        let to = self.to.take()?;
        let next = to.output().disconnect();
        let next = next.and_then(|next| {
            if chain::may_be_skipped(&self.head, next.chain()) {
                return Some(next);
            }
            to.output().reconnect(next);
            None
        });
        self.to.set(Some(to));
        next
    }
}
