//! The table of tasks: which there are, what each of them is doing, and which is polled next.
use crate::{task::Run, wakers::CachedWaker};
use reactor::{Id, SlotMap};
use std::{any::Any, collections::VecDeque, pin::Pin};
use trace::Object;

/// Names a task. A key whose task is gone fits no other, because the slot has another generation
/// by then.
pub(crate) type Key = Id;

pub(crate) fn to_bits(key: Key) -> u64 {
    u64::from(key.generation) << 32 | u64::from(key.index)
}

pub(crate) fn from_bits(bits: u64) -> Key {
    Key {
        index: bits as u32,
        generation: (bits >> 32) as u32,
    }
}

/// What is polled, and with what.
pub(crate) struct Runnable {
    pub(crate) task: Pin<Box<dyn Run>>,
    /// The task's own waker, once a future has kept it.
    pub(crate) waker: Option<CachedWaker>,
}

/// What a task is doing.
///
/// ```text
///                begin                next               put_back
///   (reserve) ──────────▶ Scheduled ──────▶ Running ─────────────────▶ Idle
///                           ▲  ▲               │ wake                    │
///                           │  │               ▼                         │
///                           │  └────────── Notified                      │
///                           │   put_back                                 │
///                           └────────────────────────────────────────────┘
///                                              wake
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It waits to be woken.
    Idle,
    /// It is woken, and stands in the queue.
    Scheduled,
    /// It is being polled, and what is polled is on the stack.
    Running,
    /// It was woken while it was polled. It is polled again after the next wait.
    Notified,
}

struct Slot {
    state: State,
    /// What the recording calls it.
    object: Object,
    runnable: Option<Runnable>,
}

/// What a task leaves in the table.
#[derive(Default)]
pub(crate) struct Removed {
    pub(crate) runnable: Option<Runnable>,
    pub(crate) object: Object,
    pub(crate) dropped_last: Option<Box<dyn Any>>,
}

/// The future of `block_on`: it is on that function's stack, and has no slot.
#[derive(Default)]
struct RootFuture {
    generation: u32,
    object: Object,
    alive: bool,
    woken: bool,
}

/// The index of the root future's key. No table is that long.
const ROOT: u32 = u32::MAX;

#[derive(Default)]
pub(crate) struct Table {
    slots: SlotMap<Slot>,
    queue: VecDeque<Key>,
    /// Those that woke themselves while they were polled: their turn is after the next wait.
    yielded: Vec<Key>,
    /// For tasks that were cancelled while they were polled: what is dropped after the future.
    dropped_last: Vec<(Key, Box<dyn Any>)>,
    root: RootFuture,
}

impl Table {
    /// Returns the key of a new task. It counts as being polled until its future is put in.
    pub(crate) fn reserve(&mut self) -> Key {
        let key = self.slots.insert(Slot {
            state: State::Running,
            object: Object::NONE,
            runnable: None,
        });
        assert!(key.index < ROOT, "too many tasks");
        key
    }

    /// The new task is complete, and may be polled.
    pub(crate) fn begin(&mut self, key: Key, runnable: Runnable, object: Object) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.object = object;
            slot.runnable = Some(runnable);
            slot.state = State::Scheduled;
            self.queue.push_back(key);
        }
    }

    /// Wakes a task. Returns its name in the recording if it was not woken yet.
    pub(crate) fn wake(&mut self, key: Key) -> Option<Object> {
        if key.index == ROOT {
            return self.wake_root(key);
        }
        let slot = self.slots.get_mut(key)?;
        match slot.state {
            State::Idle => {
                slot.state = State::Scheduled;
                let object = slot.object;
                self.queue.push_back(key);
                Some(object)
            }
            // In no queue yet: `put_back` decides when its turn is.
            State::Running => {
                slot.state = State::Notified;
                Some(slot.object)
            }
            State::Scheduled | State::Notified => None,
        }
    }

    /// Takes the next task to poll out of its slot.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(Key, Runnable, Object)> {
        loop {
            let key = self.queue.pop_front()?;
            // It may have been cancelled since it was woken.
            if let Some(slot) = self.slots.get_mut(key)
                && let Some(runnable) = slot.runnable.take()
            {
                slot.state = State::Running;
                return Some((key, runnable, slot.object));
            }
        }
    }

    /// It was polled, and is not done. Returns it if it was cancelled meanwhile.
    #[inline]
    pub(crate) fn put_back(&mut self, key: Key, runnable: Runnable) -> Option<Runnable> {
        if self.dropped_last.iter().any(|(other, _)| *other == key) {
            return Some(runnable);
        }
        let Some(slot) = self.slots.get_mut(key) else {
            return Some(runnable);
        };
        slot.runnable = Some(runnable);
        // One that wakes itself again and again must not keep the reactor from its wait.
        if slot.state == State::Notified {
            slot.state = State::Scheduled;
            self.yielded.push(key);
        } else {
            slot.state = State::Idle;
        }
        None
    }

    /// Forgets the task. Returns what it leaves, which the caller drops once the table is not
    /// borrowed any more.
    pub(crate) fn remove(&mut self, key: Key) -> Option<Removed> {
        let slot = self.slots.remove(key)?;
        let last = self
            .dropped_last
            .iter()
            .position(|(other, _)| *other == key);
        let dropped_last = last.map(|at| self.dropped_last.swap_remove(at).1);
        Some(Removed {
            runnable: slot.runnable,
            object: slot.object,
            dropped_last,
        })
    }

    /// Returns whether it is being polled right now. Then it is over once that poll ends, and
    /// `dropped_last` is dropped after its future.
    pub(crate) fn end_after_poll(
        &mut self,
        key: Key,
        dropped_last: impl FnOnce() -> Box<dyn Any>,
    ) -> bool {
        let polled = self
            .slots
            .get(key)
            .is_some_and(|slot| slot.runnable.is_none());
        if polled {
            self.dropped_last.push((key, dropped_last()));
        }
        polled
    }

    /// There was a wait, so those that yielded may be polled again.
    pub(crate) fn schedule_yielded(&mut self) {
        self.queue.extend(self.yielded.drain(..));
    }

    /// Returns whether any is to be polled. The root future is polled after the turn, so the turn
    /// must not wait.
    pub(crate) fn has_work(&self) -> bool {
        !(self.queue.is_empty() && self.yielded.is_empty()) || self.root.woken
    }

    /// Empties the table. Returns what was in it, in the order of the slots.
    pub(crate) fn clear(&mut self) -> impl Iterator<Item = (Runnable, Object)> + use<> {
        self.queue.clear();
        self.yielded.clear();
        let mut slots = std::mem::take(&mut self.slots);
        let left: Vec<_> = slots
            .iter_mut()
            .filter_map(|(_, slot)| slot.runnable.take().zip(Some(slot.object)))
            .collect();
        left.into_iter()
    }

    /// Returns the key of a new root future, which is to be polled first of all.
    pub(crate) fn set_root(&mut self, object: Object) -> Key {
        self.root = RootFuture {
            generation: self.root.generation.wrapping_add(1),
            object,
            alive: true,
            woken: true,
        };
        Key {
            index: ROOT,
            generation: self.root.generation,
        }
    }

    fn wake_root(&mut self, key: Key) -> Option<Object> {
        let root = &mut self.root;
        let new = root.alive && root.generation == key.generation && !root.woken;
        root.woken |= new;
        new.then_some(root.object)
    }

    /// Returns whether the root future was woken since this was called last.
    pub(crate) fn take_root_wake(&mut self) -> bool {
        std::mem::take(&mut self.root.woken)
    }

    pub(crate) fn remove_root(&mut self) {
        self.root.alive = false;
        // It may have woken itself in its last poll. No poll would ever take that wake, and no
        // turn would wait again.
        self.root.woken = false;
    }
}
