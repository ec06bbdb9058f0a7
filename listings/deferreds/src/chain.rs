//! What all stages of one chain share: who can cancel it, who pauses it, what it waits for.
use crate::{
    Failure,
    debug::{self, Stacks},
    drive::{self, Part, Step},
    node::{Ending, rail, shown},
    report::{self, Unhandled},
};
use reactor::contain;
use std::{
    cell::{Cell, OnceCell},
    panic::Location,
    rc::{Rc, Weak},
};
use trace::{Kind, Object, Prefix, Span};

/// The head of a chain, whatever its type is.
pub(crate) trait Head: Part {
    fn chain(&self) -> &Chain;
    /// Cancels the operation that the chain began with. Nothing, when that has fired or was cancelled before.
    fn cancel(self: Rc<Self>);
}

pub(crate) type Shared = Rc<dyn Head>;

/// Who may fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The resolver that came with the Deferred.
    First,
    /// The resolver that the canceller was given.
    Second,
    /// Nobody: the canceller dropped that resolver, and its answer is fired when it returns.
    Declined,
    /// Nobody: it has a result.
    Over,
}

/// The part of a chain that is alike for all types.
pub(crate) struct Chain {
    /// Where it was made.
    pub(crate) made: &'static Location<'static>,
    fired: Cell<Option<&'static Location<'static>>>,
    /// What only a recording or debug mode needs.
    more: OnceCell<Rc<More>>,
    /// It needs the result of this one. Weak: who waits keeps nothing alive.
    waits_for: Cell<Option<Weak<dyn Head>>>,
    pauses: Cell<u32>,
    /// This part goes on when the last pause is over. A chain is a line, so there is at most one.
    parked: Cell<Option<Rc<dyn Step>>>,
    /// Whether another chain waits, or waited, for this one.
    awaited: Cell<bool>,
    pub(crate) turn: Cell<Turn>,
    /// Its canceller is running.
    pub(crate) asking: Cell<bool>,
}

struct More {
    object: Object,
    /// The number of the event that fired it.
    fire_event: Cell<u64>,
    stages: Cell<u32>,
    reported: Cell<bool>,
    /// How it came to be made and fired, in debug mode.
    stacks: Stacks,
}

impl More {
    fn new(object: Object, stacks: Stacks) -> Rc<More> {
        Rc::new(More {
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
            more: if watched {
                watch(made)
            } else {
                OnceCell::new()
            },
            waits_for: Cell::new(None),
            pauses: Cell::new(0),
            parked: Cell::new(None),
            awaited: Cell::new(false),
            turn: Cell::new(Turn::First),
            asking: Cell::new(false),
        }
    }

    /// For a chain that is older than the recording, too: it has no name there.
    fn more(&self) -> &More {
        self.more
            .get_or_init(|| More::new(Object::NONE, Stacks::none()))
    }

    /// Its name in a recording; [`Object::NONE`] if it is older than that.
    pub(crate) fn object(&self) -> Object {
        self.more.get().map_or(Object::NONE, |more| more.object)
    }

    /// It has its result.
    #[inline]
    pub(crate) fn note_fire<T: 'static>(&self, at: &'static Location<'static>, result: &Ending<T>) {
        self.fired.set(Some(at));
        if let Some(more) = self.more.get() {
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
        self.more().fire_event.set(event.record());
    }

    /// Records that `second` will be fired with this one's result.
    #[cold]
    pub(crate) fn record_handover(&self, second: Object, at: &'static Location<'static>) {
        trace::event(Kind::DfChain)
            .of(second)
            .at(at)
            .attr("on", || self.object().to_string())
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
        let stages = &self.more().stages;
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
            .cause(self.more().fire_event.get())
            .attr("i", || index)
            .attr("rail", || rail)
            .enter()
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.pauses.get() > 0
    }

    /// It is paused: this part goes on when that is over.
    pub(crate) fn park(&self, part: Rc<dyn Step>) {
        self.parked.set(Some(part));
    }

    /// Whether its end was recorded: after that, nothing is.
    fn is_reported(&self) -> bool {
        self.more.get().is_some_and(|more| more.reported.get())
    }

    /// Records what somebody does with it who holds it still. After its end nothing is recorded.
    fn note(&self, kind: Kind, at: Option<&'static Location<'static>>) {
        if !self.is_reported() {
            trace::event(kind).of(self.object()).at_some(at).record();
        }
    }

    pub(crate) fn pause(&self, at: &'static Location<'static>) {
        self.pauses.set(self.pauses.get() + 1);
        self.note(Kind::DfPause, Some(at));
    }

    /// Ends one pause. The last one lets the chain go on.
    pub(crate) fn resume(&self) {
        let left = self.pauses.get() - 1;
        self.pauses.set(left);
        self.note(Kind::DfResume, None);
        if left > 0 {
            return;
        }
        if let Some(part) = self.parked.take() {
            drive::run(part);
        }
    }

    /// From now on it waits for `other`.
    pub(crate) fn wait_for(&self, other: &Shared) {
        other.chain().awaited.set(true);
        self.waits_for.set(Some(Rc::downgrade(other)));
    }

    /// It has what it waited for, if it waited.
    #[inline]
    pub(crate) fn go_on(&self) {
        drop(self.waits_for.take());
    }

    fn waited_for(&self) -> Option<Shared> {
        let weak = self.waits_for.take()?;
        let strong = weak.upgrade();
        self.waits_for.set(Some(weak));
        strong
    }

    /// A failure came to the end of the chain, and nobody looked.
    #[cold]
    pub(crate) fn report(&self, failure: &Failure) {
        // Whoever shows it calls code of others: the error's, and that of a subscriber.
        contain(|| self.tell(failure));
    }

    fn tell(&self, failure: &Failure) {
        if report::is_quiet(failure) {
            return;
        }
        if trace::on() {
            self.more().reported.set(true);
            trace::event(Kind::DfDrop)
                .of(self.object())
                .attr("unhandled", || failure.to_string())
                .record();
        }
        let stacks = self.more.get().map(|more| more.stacks.shown());
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
fn watch(made: &'static Location<'static>) -> OnceCell<Rc<More>> {
    let object = trace::object(Prefix::Deferred);
    trace::event(Kind::DfNew).of(object).at(made).record();
    OnceCell::from(More::new(object, Stacks::made()))
}

/// Whether both are the same chain.
fn same(one: &Shared, other: &Shared) -> bool {
    std::ptr::addr_eq(Rc::as_ptr(one), Rc::as_ptr(other))
}

/// The chains that `chain` waits for: the next one, the one which that waits for, and so on.
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

/// Whether a part of the chain `waiting`, which takes the result of `chain`, may get it from elsewhere: nobody would
/// notice, because both are one chain, or because nobody can cancel or pause `chain`.
pub(crate) fn may_be_skipped(chain: &Shared, waiting: &Shared) -> bool {
    // The chain that waits for this one has a weak reference, too.
    same(chain, waiting) || (Rc::weak_count(chain) <= 1 && !chain.chain().is_paused())
}

/// Cancels what the chain waits for, however many chains lie between; a chain that waits for nobody, itself.
pub(crate) fn cancel(chain: Shared, at: &'static Location<'static>) {
    chain.chain().note(Kind::DfCancel, Some(at));
    contain(|| line(&chain).last().unwrap_or(chain).cancel());
}
