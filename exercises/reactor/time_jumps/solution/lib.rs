//! A world in which time passes only while you wait.
use std::time::Duration;

/// Events that are to come, and a clock.
#[derive(Debug)]
pub struct World<E> {
    now: Duration,
    coming: Vec<(Duration, E)>,
}

/// What a wait has ended with.
#[derive(Debug)]
pub enum Waited<E> {
    /// This event has happened.
    Event(E),
    /// The deadline has come.
    Deadline,
    /// Nothing is to come, and there is no deadline: a real program would wait for ever.
    Stalled,
}

impl<E> World<E> {
    /// A world at the time 0, in which nothing is to come.
    pub fn new() -> World<E> {
        World {
            now: Duration::ZERO,
            coming: Vec::new(),
        }
    }

    /// What the clock says.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// Lets `event` happen when so much time has passed from now.
    pub fn later(&mut self, time: Duration, event: E) {
        self.coming.push((self.now + time, event));
    }

    /// Waits for the next event, but not longer than until `deadline`, and sets the clock to the end of the wait.
    pub fn wait(&mut self, deadline: Option<Duration>) -> Waited<E> {
        let times = self.coming.iter().map(|(at, _)| *at).enumerate();
        let next = times.min_by_key(|(_, at)| *at); // of equal ones the first
        match (next, deadline.map(|deadline| deadline.max(self.now))) {
            (Some((place, at)), deadline) if deadline.is_none_or(|deadline| at <= deadline) => {
                self.now = at;
                Waited::Event(self.coming.remove(place).1)
            }
            (_, Some(deadline)) => {
                self.now = deadline;
                Waited::Deadline
            }
            _ => Waited::Stalled,
        }
    }
}

impl<E> Default for World<E> {
    fn default() -> World<E> {
        World::new()
    }
}
