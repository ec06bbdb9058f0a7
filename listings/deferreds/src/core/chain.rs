//! What all links of one chain share: who may fire it, who pauses it, what it waits for.
use crate::{
    Failure,
    core::{
        debug::{self, Stacks},
        report::{self, Unhandled},
    },
};
use reactor::contain;
use std::{
    cell::{Cell, OnceCell},
    panic::Location,
    ptr,
    rc::{Rc, Weak},
};
use trace::{Kind, Object, Prefix, Span};

/// One link of a chain, whatever type its result has. The trampoline runs it and drops it.
pub(crate) trait Link {
    /// Returns what it shares with the other links of its chain.
    fn chain(&self) -> &Chain;
    /// Runs a link that has what it needs. Returns the one that has it by that, to run next.
    fn step(self: Rc<Self>) -> Option<Rc<dyn Link>> {
        None
    }
    /// Cancels the operation that brings the first result. Only the head of a chain has one; after
    /// the first result, or a cancel, it has none.
    fn cancel(self: Rc<Self>) {}
}

/// The state of the promise that the head of a chain is: which resolver may fire it.
///
/// In two bytes, so that the small fields of a [`Chain`] are eight together. With seven the
/// compiler puts them together on the stack, for two reads that overlap. A processor waits for
/// that, and a Deferred took 8 % longer.
#[repr(u16)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The resolver that came with the Deferred may.
    Pending,
    /// It was cancelled: the resolver that its canceller was given may.
    Cancelling,
    /// The canceller dropped that resolver. Its answer is fired when the canceller returns.
    Declined,
    /// It has its result: no resolver may.
    Settled,
}

/// What a chain is, whatever types its links have. It lies in the head.
pub(crate) struct Chain {
    /// Where it was made.
    pub(crate) made: &'static Location<'static>,
    fired: Cell<Option<&'static Location<'static>>>,
    /// What only a recording or debug mode needs.
    diagnostics: OnceCell<Rc<Diagnostics>>,
    /// It needs the result of this one. Weak: waiting keeps nothing alive.
    waits_for: Cell<Option<Weak<dyn Link>>>,
    pauses: Cell<u32>,
    /// This part goes on when the last pause is over. A chain is a line, so there is at most one.
    parked: Cell<Option<Rc<dyn Link>>>,
    /// Whether another chain waits, or waited, for this one.
    awaited: Cell<bool>,
    pub(crate) state: Cell<State>,
    /// Its canceller is running.
    pub(crate) in_canceller: Cell<bool>,
}

struct Diagnostics {
    object: Object,
    /// The number of the event that fired it.
    fire_event: Cell<u64>,
    stages: Cell<u32>,
    reported: Cell<bool>,
    /// How it came to be made and fired, in debug mode.
    stacks: Stacks,
}

impl Diagnostics {
    fn new(object: Object, stacks: Stacks) -> Rc<Diagnostics> {
        Rc::new(Diagnostics {
            object,
            fire_event: Cell::new(0),
            stages: Cell::new(0),
            reported: Cell::new(false),
            stacks,
        })
    }
}

impl Chain {
    #[inline]
    pub(crate) fn new(made: &'static Location<'static>) -> Chain {
        let watched = trace::on() || debug::debug();
        Chain {
            made,
            fired: Cell::new(None),
            diagnostics: if watched {
                watch(made)
            } else {
                OnceCell::new()
            },
            waits_for: Cell::new(None),
            pauses: Cell::new(0),
            parked: Cell::new(None),
            awaited: Cell::new(false),
            state: Cell::new(State::Pending),
            in_canceller: Cell::new(false),
        }
    }

    /// For a chain that is older than the recording, too: it has no name there.
    fn diagnostics(&self) -> &Diagnostics {
        self.diagnostics
            .get_or_init(|| Diagnostics::new(Object::NONE, Stacks::none()))
    }

    /// Returns its name in a recording; [`Object::NONE`] if it is older than that.
    pub(crate) fn object(&self) -> Object {
        self.diagnostics
            .get()
            .map_or(Object::NONE, |more| more.object)
    }

    /// It has its result.
    #[inline]
    pub(crate) fn note_fire<T: 'static>(
        &self,
        at: &'static Location<'static>,
        result: &Result<T, Failure>,
    ) {
        self.fired.set(Some(at));
        if let Some(more) = self.diagnostics.get() {
            more.stacks.fired();
        }
        if trace::on() {
            self.record_fire(at, rail(result), shown(result));
        }
    }

    #[cold]
    fn record_fire(
        &self,
        at: &'static Location<'static>,
        rail: &'static str,
        value: Option<String>,
    ) {
        let mut event = trace::event(Kind::DfFire)
            .of(self.object())
            .at(at)
            .attr("rail", || rail);
        if let Some(value) = value {
            event = event.attr("value", || value);
        }
        self.diagnostics().fire_event.set(event.record());
    }

    /// Records that `second` will be fired with this one's result.
    #[cold]
    pub(crate) fn record_chained(&self, second: Object, at: &'static Location<'static>) {
        trace::event(Kind::DfChain)
            .of(second)
            .at(at)
            .attr("on", || self.object().to_string())
            .attr("explicit", || true)
            .record();
    }

    /// Returns where it was fired.
    pub(crate) fn fired(&self) -> Option<&'static Location<'static>> {
        self.fired.get()
    }

    /// Records a new stage. Returns its number, counted from 0.
    #[cold]
    pub(crate) fn next_stage(&self, at: &'static Location<'static>, rails: &'static str) -> u32 {
        let stages = &self.diagnostics().stages;
        let index = stages.get();
        stages.set(index.saturating_add(1));
        trace::event(Kind::DfAdd)
            .of(self.object())
            .at(at)
            .attr("stage", || rails)
            .attr("i", || index)
            .record();
        index
    }

    /// Records that a stage runs, until the span is dropped.
    #[cold]
    pub(crate) fn enter_stage(&self, index: u32, rail: &'static str) -> Span {
        trace::event(Kind::CbStart)
            .of(self.object())
            .cause(self.diagnostics().fire_event.get())
            .attr("i", || index)
            .attr("rail", || rail)
            .enter()
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.pauses.get() > 0
    }

    /// It is paused: this link goes on when that is over.
    pub(crate) fn park(&self, part: Rc<dyn Link>) {
        self.parked.set(Some(part));
    }

    /// Returns whether its end was recorded: after that, nothing is.
    fn is_reported(&self) -> bool {
        self.diagnostics
            .get()
            .is_some_and(|more| more.reported.get())
    }

    /// Records what happens to it through a handle. After its end nothing is recorded.
    fn note(&self, kind: Kind, at: Option<&'static Location<'static>>) {
        if !self.is_reported() {
            trace::event(kind).of(self.object()).at_some(at).record();
        }
    }

    pub(crate) fn pause(&self, at: &'static Location<'static>) {
        self.pauses.set(self.pauses.get() + 1);
        self.note(Kind::DfPause, Some(at));
    }

    /// Ends one pause. Returns the link that goes on if it was the last.
    #[must_use]
    pub(crate) fn resume(&self) -> Option<Rc<dyn Link>> {
        let left = self.pauses.get() - 1;
        self.pauses.set(left);
        self.note(Kind::DfResume, None);
        if left > 0 {
            return None;
        }
        self.parked.take()
    }

    /// From now on it waits for `other`.
    pub(crate) fn wait_for(&self, other: &Rc<dyn Link>) {
        other.chain().awaited.set(true);
        self.waits_for.set(Some(Rc::downgrade(other)));
    }

    /// It has what it waited for, if it waited.
    #[inline]
    pub(crate) fn stop_waiting(&self) {
        drop(self.waits_for.take());
    }

    fn waited_for(&self) -> Option<Rc<dyn Link>> {
        let weak = self.waits_for.take()?;
        let strong = weak.upgrade();
        self.waits_for.set(Some(weak));
        strong
    }

    /// Reports a failure that came to the end of the chain.
    #[cold]
    pub(crate) fn report(&self, failure: &Failure) {
        // Showing it calls code of others: the error's, and that of a subscriber.
        contain(|| self.tell(failure));
    }

    fn tell(&self, failure: &Failure) {
        // What the end of a reactor left behind, or a panic, which was printed.
        if report::is_quiet(failure) {
            return;
        }
        if trace::on() {
            // This was the last event of the chain: its own drop is not recorded once more.
            self.diagnostics().reported.set(true);
            trace::event(Kind::DfDrop)
                .of(self.object())
                .attr("unhandled", || failure.to_string())
                .record();
        }
        // Only debug mode has stacks; the two places are always known.
        let stacks = self.diagnostics.get().map(|more| more.stacks.shown());
        let (made_stack, fired_stack) = stacks.unwrap_or_default();
        report::unhandled(&Unhandled {
            failure,
            made: self.made,
            fired: self.fired.get(),
            made_stack,
            fired_stack,
        });
    }
}

impl Drop for Chain {
    #[inline]
    fn drop(&mut self) {
        if trace::on() {
            self.note(Kind::DfDrop, None);
        }
    }
}

/// A new chain's part in the recording, and its stack.
#[cold]
fn watch(made: &'static Location<'static>) -> OnceCell<Rc<Diagnostics>> {
    let object = trace::object(Prefix::Deferred);
    trace::event(Kind::DfNew).of(object).at(made).record();
    OnceCell::from(Diagnostics::new(object, Stacks::made()))
}

/// Walks along the chains that the one of `head` waits for: the next one, the one that this waits
/// for, and so on.
fn awaited_chains(head: &Rc<dyn Link>) -> impl Iterator<Item = Rc<dyn Link>> {
    std::iter::successors(head.chain().waited_for(), |next| next.chain().waited_for())
}

/// Returns whether `waiting` would never go on if it waited for the chain of `other`, because that
/// one waits for it, directly or not.
///
/// The chains behind `other` are walked only if any waits for `waiting`: else they cannot lead
/// here.
pub(crate) fn would_wait_for_itself(waiting: &Chain, other: &Rc<dyn Link>) -> bool {
    ptr::eq(waiting, other.chain())
        || waiting.awaited.get() && awaited_chains(other).any(|head| ptr::eq(waiting, head.chain()))
}

/// Returns whether a link of the chain `waiting`, which takes the result of the chain of `head`,
/// may get it from elsewhere, unnoticed: because both are one chain, or because no handle is left
/// that could cancel or pause the one of `head`.
pub(crate) fn may_be_skipped(head: &Rc<dyn Link>, waiting: &Chain) -> bool {
    // The chain that waits for this one has a weak reference, too.
    ptr::eq(head.chain(), waiting) || (Rc::weak_count(head) <= 1 && !head.chain().is_paused())
}

/// Cancels what the chain waits for, however many chains lie between; one that waits for no other,
/// itself.
pub(crate) fn cancel(head: Rc<dyn Link>, at: &'static Location<'static>) {
    head.chain().note(Kind::DfCancel, Some(at));
    contain(|| awaited_chains(&head).last().unwrap_or(head).cancel());
}

/// Returns the name of the rail of a result, as recordings have it.
pub(crate) fn rail<T>(result: &Result<T, Failure>) -> &'static str {
    if result.is_ok() { "ok" } else { "err" }
}

/// Returns what a recording shows of a result: the value, if its type is one of those that `trace`
/// knows, or what went wrong.
pub(crate) fn shown<T: 'static>(result: &Result<T, Failure>) -> Option<String> {
    match result {
        Ok(value) => trace::shown(value),
        Err(failure) => Some(failure.to_string()),
    }
}
