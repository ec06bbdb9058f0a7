//! What will happen in a simulated world, and when.
use super::traffic::Arrival;
use crate::{Id, Job, Signal, Time};
use std::collections::BTreeMap;

/// What will happen, in order of time, and for equal times in the order in which it was decided.
#[derive(Default)]
pub(super) struct EventQueue {
    events: BTreeMap<(Time, u64), Event>,
    made: u64,
}

/// Something that happens at its time.
pub(super) enum Event {
    /// A job of another thread is done then.
    Job(Job),
    /// A signal comes.
    Signal(Signal),
    /// Something arrives at a socket.
    Arrival(Arrival),
    /// A listener is told again.
    Again(Id),
    /// Bytes come on standard input, or none and it ends.
    Input(Vec<u8>),
}

impl EventQueue {
    /// What happens at the end of time happens never.
    pub(super) fn add(&mut self, at: Time, event: Event) {
        if at < Time::MAX {
            self.made += 1;
            self.events.insert((at, self.made), event);
        }
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn take_due(&mut self, now: Time) -> Option<Event> {
        let first = self.events.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}
