//! Timers: a heap of deadlines, where a cancelled one stays as a tombstone until it comes up.
//!
//! The state of a timer is set in this file only:
//!
//! ```text
//!               insert                due
//!  Timer::new ─────────► Active ─────────────► Called
//!      │                  │  ▲ ◄───────────────┘ insert: the next beat of a looping call
//!      │            reset └──┘
//!      │                  ├── cancel ──────────► Cancelled
//!      │                  └── drop_all ──┐
//!      └───────── refuse ────────────────┴────► Dropped: the reactor is gone
//! ```
use crate::{
    Handle, Time,
    panics::{Panics, contain},
};
use std::{
    cell::{Cell, RefCell},
    cmp::Ordering,
    collections::{BinaryHeap, binary_heap::PeekMut},
    rc::Rc,
};
use trace::Object;

/// Below so many tombstones it does not pay to sweep.
const FEW: usize = 64;

/// What a timer does when its time has come.
pub(crate) trait Fire {
    /// Calls. The timer is out of the heap already and may be put in again.
    fn fire(&self, reactor: &Handle);
    /// Drops what is to be called, and what that captured.
    fn clear(&self);
}

/// How a timer ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Active,
    Called,
    Cancelled,
    Dropped,
}

/// A timer is one allocation: its deadline and its callback together.
pub(crate) struct Timer<F: ?Sized = dyn Fire> {
    /// When it is due. May be later than its entry in the heap says: see [`Timers::reset`].
    pub(crate) at: Cell<Time>,
    /// Its place among equal deadlines.
    sequence: Cell<u64>,
    /// The order of the entry that stands for it in the heap; 0 when none does.
    entry: Cell<u64>,
    state: Cell<State>,
    pub(crate) object: Object,
    pub(crate) what: F,
}

impl<F> Timer<F> {
    pub(crate) fn new(object: Object, what: F) -> Rc<Timer<F>> {
        Rc::new(Timer {
            at: Cell::new(Time::ZERO),
            sequence: Cell::new(0),
            entry: Cell::new(0),
            state: Cell::new(State::Active),
            object,
            what,
        })
    }
}

impl Timer {
    /// Returns how it ended, or that it has not.
    pub(crate) fn state(&self) -> State {
        self.state.get()
    }

    /// Returns whether it is in the heap.
    pub(crate) fn is_queued(&self) -> bool {
        self.entry.get() != 0
    }
}

/// One place in the heap. Its key is copied here, so that comparing touches no timer.
struct Entry {
    at: Time,
    sequence: u64,
    timer: Rc<Timer>,
}

impl Entry {
    fn is_tombstone(&self) -> bool {
        self.timer.entry.get() != self.sequence
    }
}

impl Ord for Entry {
    /// The earliest is the greatest, because `BinaryHeap` pops the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}

impl Eq for Entry {}

/// All timers of a reactor.
#[derive(Default)]
pub(crate) struct Timers {
    heap: RefCell<BinaryHeap<Entry>>,
    tombstones: Cell<usize>,
    /// How many places were ever taken: the order of the next is one more.
    made: Cell<u64>,
}

impl Timers {
    /// Returns the order of the newest timer. Those made later have a greater one.
    pub(crate) fn newest(&self) -> u64 {
        self.made.get()
    }

    /// Puts a timer in that is not in.
    pub(crate) fn insert(&self, timer: Rc<Timer>, at: Time) {
        let sequence = self.next_sequence();
        timer.at.set(at);
        timer.sequence.set(sequence);
        timer.entry.set(sequence);
        timer.state.set(State::Active);
        self.heap.borrow_mut().push(Entry {
            at,
            sequence,
            timer,
        });
    }

    /// Moves a timer that is in. It counts as made now.
    pub(crate) fn reset(&self, timer: &Rc<Timer>, at: Time) {
        if at < timer.at.get() {
            // Earlier: a new entry, and the old one is a tombstone.
            self.insert(Rc::clone(timer), at);
            self.bury();
        } else {
            // Later: the entry stays, and is corrected when it comes up.
            timer.at.set(at);
            timer.sequence.set(self.next_sequence());
        }
    }

    /// Takes a timer out that is in. What it would have called is dropped here, with nothing
    /// borrowed.
    pub(crate) fn cancel(&self, timer: &Timer) {
        timer.state.set(State::Cancelled);
        timer.entry.set(0);
        self.bury();
        contain(|| timer.what.clear());
    }

    /// The reactor is gone: drops what a timer would have called, before it was ever in.
    pub(crate) fn refuse(timer: &Timer) {
        timer.state.set(State::Dropped);
        contain(|| timer.what.clear());
    }

    /// Returns the earliest deadline. The end of time is none: it never comes.
    #[inline]
    pub(crate) fn next(&self) -> Option<Time> {
        let at = Self::live_top(&mut self.heap.borrow_mut(), &self.tombstones)?.at;
        (at < Time::MAX).then_some(at)
    }

    /// Returns what the recording calls the first timer that is due at `now`.
    pub(crate) fn first_due(&self, now: Time) -> Option<Object> {
        let mut heap = self.heap.borrow_mut();
        let top = Self::live_top(&mut heap, &self.tombstones)?;
        (top.at <= now).then_some(top.timer.object)
    }

    /// Returns the next timer that is due at `now` and was made no later than `newest`.
    #[inline]
    pub(crate) fn due(&self, now: Time, newest: u64) -> Option<Rc<Timer>> {
        let mut heap = self.heap.borrow_mut();
        let top = Self::live_top(&mut heap, &self.tombstones)?;
        if top.at > now || top.sequence > newest {
            return None;
        }
        let timer = PeekMut::pop(top).timer;
        timer.entry.set(0);
        // Before the callback runs: it may ask for the state of its own timer, or put it in again.
        timer.state.set(State::Called);
        Some(timer)
    }

    /// Drops every timer. Those put in meanwhile, by destructors, too.
    pub(crate) fn drop_all(&self, panics: &mut Panics) {
        loop {
            let heap = self.heap.take();
            if heap.is_empty() {
                return;
            }
            for entry in heap {
                if !entry.is_tombstone() {
                    entry.timer.state.set(State::Dropped);
                    entry.timer.entry.set(0);
                    panics.catch(|| entry.timer.what.clear());
                }
            }
        }
    }

    pub(crate) fn is_borrowed(&self) -> bool {
        self.heap.try_borrow_mut().is_err()
    }

    fn next_sequence(&self) -> u64 {
        let sequence = self.made.get() + 1;
        self.made.set(sequence);
        sequence
    }

    /// Corrects the top of the heap until it is a timer that is due as it says, and returns it.
    /// Drops no data of the program: a tombstone has none.
    #[inline]
    fn live_top<'h>(
        heap: &'h mut BinaryHeap<Entry>,
        tombstones: &Cell<usize>,
    ) -> Option<PeekMut<'h, Entry>> {
        // Each turn asks twice, and many a program has no timer.
        if heap.is_empty() {
            return None;
        }
        Self::prune_top(heap, tombstones)
    }

    fn prune_top<'h>(
        heap: &'h mut BinaryHeap<Entry>,
        tombstones: &Cell<usize>,
    ) -> Option<PeekMut<'h, Entry>> {
        loop {
            let top = heap.peek()?;
            // A tombstone was cleared when it became one: to drop it runs no code of the program.
            if top.is_tombstone() {
                heap.pop();
                tombstones.set(tombstones.get() - 1);
            } else if top.timer.sequence.get() != top.sequence {
                // It was moved to a later time: now its entry goes there, once for any number of moves.
                let mut top = heap.peek_mut()?;
                let (at, sequence) = (top.timer.at.get(), top.timer.sequence.get());
                (top.at, top.sequence) = (at, sequence);
                top.timer.entry.set(sequence);
            } else {
                // The caller may pop it, which needs no second search.
                return heap.peek_mut();
            }
        }
    }

    /// One more tombstone; sweeps when they outnumber the living.
    fn bury(&self) {
        let tombstones = self.tombstones.get() + 1;
        self.tombstones.set(tombstones);
        let mut heap = self.heap.borrow_mut();
        if tombstones > FEW && tombstones * 2 > heap.len() {
            heap.retain(|entry| !entry.is_tombstone());
            self.tombstones.set(0);
        }
    }
}
