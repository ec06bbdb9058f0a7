//! What all stages of one chain share: who can cancel it, who pauses it, what it waits for.
use crate::{
    Failure,
    debug::Stacks,
    drive::{self, Part, Step},
    node::{Ending, rail, shown},
};
use std::{
    cell::Cell,
    panic::Location,
    rc::{Rc, Weak},
};
use trace::{Kind, Object, Prefix, Span};

/// The head of a chain, whatever its type is.
pub(crate) trait Head: Part {
    fn chain(&self) -> &Chain;
    /// Cancels the operation that the chain began with. Nothing, when it has fired.
    fn cancel(self: Rc<Self>);
}

pub(crate) type Shared = Rc<dyn Head>;

/// Why a chain does not go on.
enum Standing {
    /// It runs, or nobody has fired it, or nothing is left to do.
    Free,
    /// It needs the result of this one. Weak: who waits keeps nothing alive.
    Waits(Weak<dyn Head>),
    /// It is paused, and this part has its input. A chain is a line, so there is at most one.
    Parked(Rc<dyn Step>),
}

/// Who may fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The resolver that came with the Deferred.
    First,
    /// The resolver that the canceller was given.
    Second,
    /// Nobody: it has a result.
    Over,
}

/// The part of a chain that is alike for all types.
pub(crate) struct Chain {
    pub(crate) object: Object,
    /// Where it was made.
    pub(crate) made: &'static Location<'static>,
    fired: Cell<Option<&'static Location<'static>>>,
    /// The number of the event that fired it, while something is recorded.
    fire_event: Cell<u64>,
    /// How it came to be made and fired, in debug mode.
    stacks: Stacks,
    standing: Cell<Standing>,
    /// Whether it waits: each stage asks, and looking at `standing` costs more.
    waits: Cell<bool>,
    stages: Cell<u32>,
    pauses: Cell<u32>,
    /// Whether another chain waits, or waited, for this one.
    awaited: Cell<bool>,
    pub(crate) turn: Cell<Turn>,
    reported: Cell<bool>,
}

impl Chain {
    #[inline]
    pub(crate) fn new(made: &'static Location<'static>) -> Chain {
        let object = trace::object(Prefix::Deferred);
        if trace::on() {
            trace::event(Kind::DfNew).of(object).at(made).record();
        }
        Chain {
            object,
            made,
            fired: Cell::new(None),
            fire_event: Cell::new(0),
            stacks: Stacks::made(),
            standing: Cell::new(Standing::Free),
            waits: Cell::new(false),
            stages: Cell::new(0),
            pauses: Cell::new(0),
            awaited: Cell::new(false),
            turn: Cell::new(Turn::First),
            reported: Cell::new(false),
        }
    }

    /// It has its result.
    #[inline]
    pub(crate) fn note_fire<T: 'static>(&self, at: &'static Location<'static>, result: &Ending<T>) {
        self.fired.set(Some(at));
        self.stacks.fired();
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
            .of(self.object)
            .at(at)
            .attr("rail", || rail);
        if let Some(value) = value {
            event = event.attr("value", || value);
        }
        self.fire_event.set(event.record());
    }

    /// Records that `second` will be fired with this one's result.
    #[cold]
    pub(crate) fn record_handover(&self, second: Object, at: &'static Location<'static>) {
        trace::event(Kind::DfChain)
            .of(second)
            .at(at)
            .attr("on", || self.object.to_string())
            .attr("explicit", || true)
            .record();
    }

    /// Where it was fired.
    pub(crate) fn fired(&self) -> Option<&'static Location<'static>> {
        self.fired.get()
    }

    /// Records a new stage, and gives its number, counted from 0.
    #[cold]
    pub(crate) fn next_stage(&self, at: &'static Location<'static>, rails: &'static str) -> u32 {
        let index = self.stages.get();
        self.stages.set(index.saturating_add(1));
        trace::event(Kind::DfAdd)
            .of(self.object)
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
            .of(self.object)
            .cause(self.fire_event.get())
            .attr("i", || index)
            .attr("rail", || rail)
            .enter()
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.pauses.get() > 0
    }

    /// What is to run next: `part`, or nothing while the chain is paused.
    #[inline]
    pub(crate) fn unless_paused(&self, part: Rc<dyn Step>) -> Option<Rc<dyn Step>> {
        if !self.is_paused() {
            return Some(part);
        }
        self.standing.set(Standing::Parked(part));
        None
    }

    /// Records what somebody does with it who holds it still. After its end nothing is recorded.
    fn note(&self, kind: Kind) {
        if !self.reported.get() {
            trace::event(kind).of(self.object).record();
        }
    }

    pub(crate) fn pause(&self) {
        self.pauses.set(self.pauses.get() + 1);
        self.note(Kind::DfPause);
    }

    /// Ends one pause. The last one lets the chain go on.
    pub(crate) fn resume(&self) {
        let left = self.pauses.get() - 1;
        self.pauses.set(left);
        self.note(Kind::DfResume);
        if left > 0 {
            return;
        }
        match self.standing.replace(Standing::Free) {
            Standing::Parked(part) => drive::run(part),
            standing => self.standing.set(standing),
        }
    }

    /// From now on it waits for `other`.
    pub(crate) fn wait_for(&self, other: &Shared) {
        other.chain().awaited.set(true);
        self.waits.set(true);
        self.standing.set(Standing::Waits(Rc::downgrade(other)));
    }

    /// It has what it waited for, if it waited.
    #[inline]
    pub(crate) fn go_on(&self) {
        if self.waits.replace(false) {
            self.standing.set(Standing::Free);
        }
    }

    fn waited_for(&self) -> Option<Shared> {
        let standing = self.standing.replace(Standing::Free);
        let strong = match &standing {
            Standing::Waits(other) => other.upgrade(),
            _ => None,
        };
        self.standing.set(standing);
        strong
    }

    /// A failure came to the end of the chain, and nobody looked.
    #[cold]
    pub(crate) fn report(&self, failure: &Failure) {
        if trace::on() {
            self.reported.set(true);
            trace::event(Kind::DfDrop)
                .of(self.object)
                .attr("unhandled", || failure.to_string())
                .record();
        }
        let (made_stack, fired_stack) = self.stacks.shown();
        tracing::error!(
            failure = %failure,
            happened = %failure.location(),
            made = %self.made,
            fired = self.fired.get().map(tracing::field::display),
            happened_stack = failure.stack().map(tracing::field::display),
            made_stack = made_stack.map(tracing::field::display),
            fired_stack = fired_stack.map(tracing::field::display),
            "a Deferred was dropped with a failure that nobody handled"
        );
    }
}

impl Drop for Chain {
    #[inline]
    fn drop(&mut self) {
        if trace::on() && !self.reported.get() {
            trace::event(Kind::DfDrop).of(self.object).record();
        }
    }
}

/// Whether both are the same chain.
fn same(one: &Shared, other: &Shared) -> bool {
    std::ptr::addr_eq(Rc::as_ptr(one), Rc::as_ptr(other))
}

/// The chains that `chain` waits for: the next one, the one that waits for, and so on.
fn line(chain: &Shared) -> impl Iterator<Item = Shared> {
    std::iter::successors(chain.chain().waited_for(), |next| next.chain().waited_for())
}

/// Whether `waiting` would never go on if it waited for `other`, as that one waits for it, directly or not.
///
/// The line behind `other` is walked only when somebody waits for `waiting`: else it cannot lead here.
pub(crate) fn would_wait_for_itself(waiting: &Shared, other: &Shared) -> bool {
    same(waiting, other)
        || waiting.chain().awaited.get() && line(other).any(|chain| same(waiting, &chain))
}

/// Whether `waiting`, a part of a chain that takes the result of `chain`, may get it from elsewhere: nobody would
/// notice, because the waiting part is the chain's own, or nobody can cancel or pause the chain.
pub(crate) fn may_be_skipped(chain: &Shared, waiting: &Shared) -> bool {
    // The chain that waits for this one has a weak reference, too.
    same(chain, waiting) || (Rc::weak_count(chain) <= 1 && !chain.chain().is_paused())
}

/// Cancels what the chain waits for, however many chains lie between; a chain that waits for nobody, itself.
pub(crate) fn cancel(chain: Shared) {
    chain.chain().note(Kind::DfCancel);
    line(&chain).last().unwrap_or(chain).cancel();
}
