//! The table of tasks: which there are, what each of them is doing, and who is polled next.
use crate::{task::Run, wakers::Held};
use std::{any::Any, collections::VecDeque, pin::Pin};
use trace::Object;

/// Names a task. A key whose task is gone fits no other: the place in the table has another generation by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    index: u32,
    generation: u32,
}

impl Key {
    pub(crate) fn to_bits(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    pub(crate) fn from_bits(bits: u64) -> Key {
        Key {
            index: bits as u32,
            generation: (bits >> 32) as u32,
        }
    }
}

/// What is polled, and with what.
pub(crate) struct Body {
    pub(crate) task: Pin<Box<dyn Run>>,
    /// Its own, once somebody has kept it.
    pub(crate) waker: Option<Held>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody is here.
    Free,
    /// It waits to be woken.
    Waits,
    /// It is woken, and stands in the queue.
    Queued,
    /// It is being polled; its body is on the stack.
    Polled,
    /// It was woken while it was polled.
    PolledWoken,
}

struct Place {
    generation: u32,
    phase: Phase,
    /// What the recording calls it.
    object: Object,
    body: Option<Body>,
}

/// What a task leaves in the table.
#[derive(Default)]
pub(crate) struct Remains {
    pub(crate) body: Option<Body>,
    pub(crate) object: Object,
    pub(crate) farewell: Option<Box<dyn Any>>,
}

/// A future that is not in the table, because somebody holds it on the stack: `block_on`'s.
#[derive(Default)]
struct Guest {
    generation: u32,
    object: Object,
    here: bool,
    woken: bool,
}

/// The index of the guest's key. No table is that long.
const GUEST: u32 = u32::MAX;

#[derive(Default)]
pub(crate) struct Table {
    places: Vec<Place>,
    free: Vec<u32>,
    queue: VecDeque<Key>,
    /// Those that woke themselves while they were polled: their turn is after the next wait.
    yielded: Vec<Key>,
    /// For tasks that somebody cancelled while they were polled: what is dropped once the future is gone.
    farewells: Vec<(Key, Box<dyn Any>)>,
    guest: Guest,
}

impl Table {
    /// A place for a new task. It counts as being polled until its body is put in.
    pub(crate) fn reserve(&mut self) -> Key {
        if let Some(index) = self.free.pop() {
            let place = &mut self.places[index as usize];
            place.phase = Phase::Polled;
            return Key {
                index,
                generation: place.generation,
            };
        }
        let index = u32::try_from(self.places.len()).unwrap_or(GUEST);
        assert!(index < GUEST, "too many tasks");
        self.places.push(Place {
            generation: 0,
            phase: Phase::Polled,
            object: Object::NONE,
            body: None,
        });
        Key {
            index,
            generation: 0,
        }
    }

    /// The new task is complete, and may be polled.
    pub(crate) fn begin(&mut self, key: Key, body: Body, object: Object) {
        if let Some(place) = self.place(key) {
            place.object = object;
            place.body = Some(body);
            place.phase = Phase::Queued;
            self.queue.push_back(key);
        }
    }

    fn place(&mut self, key: Key) -> Option<&mut Place> {
        let place = self.places.get_mut(key.index as usize)?;
        (place.generation == key.generation && place.phase != Phase::Free).then_some(place)
    }

    /// What to name in the recording when this wake means something: the task was not woken yet.
    pub(crate) fn wake(&mut self, key: Key) -> Option<Object> {
        if key.index == GUEST {
            return self.wake_guest(key);
        }
        let place = self.place(key)?;
        match place.phase {
            Phase::Waits => {
                place.phase = Phase::Queued;
                let object = place.object;
                self.queue.push_back(key);
                Some(object)
            }
            Phase::Polled => {
                place.phase = Phase::PolledWoken;
                Some(place.object)
            }
            Phase::Free | Phase::Queued | Phase::PolledWoken => None,
        }
    }

    /// The next one to poll, and its body.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(Key, Body, Object)> {
        loop {
            let key = self.queue.pop_front()?;
            // It may have been cancelled since it was woken.
            if let Some(place) = self.place(key)
                && let Some(body) = place.body.take()
            {
                place.phase = Phase::Polled;
                return Some((key, body, place.object));
            }
        }
    }

    /// It was polled, and is not done. Gives it back when it was cancelled meanwhile.
    #[inline]
    pub(crate) fn put_back(&mut self, key: Key, body: Body) -> Option<Body> {
        if self.farewells.iter().any(|(other, _)| *other == key) {
            return Some(body);
        }
        let Some(place) = self.place(key) else {
            return Some(body);
        };
        place.body = Some(body);
        if place.phase == Phase::PolledWoken {
            place.phase = Phase::Queued;
            self.yielded.push(key);
        } else {
            place.phase = Phase::Waits;
        }
        None
    }

    /// Forgets the task; what it leaves is for the caller to drop, once the table is not borrowed any more.
    pub(crate) fn remove(&mut self, key: Key) -> Option<Remains> {
        let place = self.place(key)?;
        place.phase = Phase::Free;
        place.generation = place.generation.wrapping_add(1);
        let (body, object) = (place.body.take(), place.object);
        self.free.push(key.index);
        let farewell = self.farewells.iter().position(|(other, _)| *other == key);
        let farewell = farewell.map(|at| self.farewells.swap_remove(at).1);
        Some(Remains {
            body,
            object,
            farewell,
        })
    }

    /// Whether it is being polled right now; then it is over once that poll ends, and `farewell` is dropped after it.
    pub(crate) fn end_after_poll(
        &mut self,
        key: Key,
        farewell: impl FnOnce() -> Box<dyn Any>,
    ) -> bool {
        let polled = self.place(key).is_some_and(|place| place.body.is_none());
        if polled {
            self.farewells.push((key, farewell()));
        }
        polled
    }

    /// There was a wait, so those that yielded may be polled again.
    pub(crate) fn yielded_go_on(&mut self) {
        self.queue.extend(self.yielded.drain(..));
    }

    /// Whether anybody is to be polled. The guest is polled after the turn, so the turn must not wait.
    pub(crate) fn anybody_waits(&self) -> bool {
        !(self.queue.is_empty() && self.yielded.is_empty()) || self.guest.woken
    }

    pub(crate) fn clear(&mut self) -> impl Iterator<Item = (Body, Object)> + use<> {
        self.queue.clear();
        self.yielded.clear();
        let places = std::mem::take(&mut self.places);
        let bodies = places
            .into_iter()
            .map(|place| place.body.zip(Some(place.object)));
        bodies.flatten()
    }

    pub(crate) fn invite_guest(&mut self, object: Object) -> Key {
        self.guest = Guest {
            generation: self.guest.generation.wrapping_add(1),
            object,
            here: true,
            woken: true,
        };
        Key {
            index: GUEST,
            generation: self.guest.generation,
        }
    }

    fn wake_guest(&mut self, key: Key) -> Option<Object> {
        let guest = &mut self.guest;
        let new = guest.here && guest.generation == key.generation && !guest.woken;
        guest.woken |= new;
        new.then_some(guest.object)
    }

    /// Whether the guest was woken since it was asked last.
    pub(crate) fn guest_is_woken(&mut self) -> bool {
        std::mem::take(&mut self.guest.woken)
    }

    pub(crate) fn guest_leaves(&mut self) {
        self.guest.here = false;
        // It may have woken itself in its last poll. Nobody would ever see that, and no turn would wait again.
        self.guest.woken = false;
    }
}
