//! What all stages of one chain share: who can cancel it, who pauses it, what it waits for.
use crate::drive::{self, Part, Step};
use std::{
    cell::{Cell, RefCell},
    panic::Location,
    rc::{Rc, Weak},
};
use trace::{Kind, Object, Prefix};

/// The head of a chain, whatever its type is.
pub(crate) trait Head: Part {
    fn chain(&self) -> &Chain;
    /// Cancels the operation that the chain began with. Nothing, when it has fired.
    fn cancel(self: Rc<Self>);
}

pub(crate) type Shared = Rc<dyn Head>;

/// Whether both are the same chain.
pub(crate) fn same(one: &Shared, other: &Shared) -> bool {
    std::ptr::addr_eq(Rc::as_ptr(one), Rc::as_ptr(other))
}

/// The part of a chain that is alike for all types.
pub(crate) struct Chain {
    pub(crate) object: Object,
    /// Where it was made.
    pub(crate) made: &'static Location<'static>,
    /// Where it was fired.
    pub(crate) fired: Cell<Option<&'static Location<'static>>>,
    /// The number of the event that fired it, while something is recorded.
    pub(crate) fire_event: Cell<u64>,
    stages: Cell<u32>,
    pauses: Cell<u32>,
    /// The part that would run if the chain were not paused. A chain is a line, so there is at most one.
    parked: Cell<Option<Rc<dyn Step>>>,
    /// The chain whose result this one waits for. Weak: who waits keeps nothing alive.
    waits_for: Cell<Option<Weak<dyn Head>>>,
    /// The failure nobody handled, for the recording.
    unhandled: RefCell<Option<String>>,
}

impl Chain {
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
            stages: Cell::new(0),
            pauses: Cell::new(0),
            parked: Cell::new(None),
            waits_for: Cell::new(None),
            unhandled: RefCell::default(),
        }
    }

    /// The number of a new stage, counted from 0.
    pub(crate) fn next_stage(&self) -> u32 {
        let index = self.stages.get();
        self.stages.set(index.saturating_add(1));
        index
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.pauses.get() > 0
    }

    /// Keeps `part` until the last pause is over.
    pub(crate) fn park(&self, part: Rc<dyn Step>) {
        self.parked.set(Some(part));
    }

    pub(crate) fn pause(&self) {
        self.pauses.set(self.pauses.get() + 1);
        trace::event(Kind::DfPause).of(self.object).record();
    }

    /// Ends one pause. The last one lets the chain go on.
    pub(crate) fn resume(&self) {
        let left = self.pauses.get() - 1;
        self.pauses.set(left);
        trace::event(Kind::DfResume).of(self.object).record();
        if left == 0
            && let Some(part) = self.parked.take()
        {
            drive::run(part);
        }
    }

    /// From now on it waits for `other`, or for nobody.
    #[inline]
    pub(crate) fn wait_for(&self, other: Option<&Shared>) {
        self.waits_for.set(other.map(Rc::downgrade));
    }

    fn waited_for(&self) -> Option<Shared> {
        let weak = self.waits_for.take();
        let strong = weak.as_ref().and_then(Weak::upgrade);
        self.waits_for.set(weak);
        strong
    }

    /// A failure came to the end of the chain, and nobody looked.
    #[cold]
    pub(crate) fn report(&self, failure: &crate::Failure) {
        if trace::on() {
            *self.unhandled.borrow_mut() = Some(failure.to_string());
        }
        tracing::error!(
            failure = %failure,
            happened = %failure.location(),
            made = %self.made,
            fired = self.fired.get().map(tracing::field::display),
            "a Deferred was dropped with a failure that nobody handled"
        );
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        if let Some(part) = self.parked.take() {
            drive::let_go(part);
        }
        if trace::on() {
            let event = trace::event(Kind::DfDrop).of(self.object);
            match self.unhandled.take() {
                Some(failure) => event.attr("unhandled", || failure).record(),
                None => event.record(),
            };
        }
    }
}

/// Cancels what the chain waits for, however many chains lie between; a chain that waits for nobody, itself.
pub(crate) fn cancel(chain: Shared) {
    let mut last = chain;
    trace::event(Kind::DfCancel)
        .of(last.chain().object)
        .record();
    while let Some(next) = last.chain().waited_for() {
        last = next;
    }
    last.cancel();
}
