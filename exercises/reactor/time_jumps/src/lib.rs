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
        let _ = (time, event);
        todo!("note when it will happen")
    }

    /// Waits for the next event, but not longer than until `deadline`, and sets the clock to the end of the wait.
    pub fn wait(&mut self, deadline: Option<Duration>) -> Waited<E> {
        let _ = (deadline, &self.coming);
        todo!("find what comes first, and set the clock to it")
    }
}

impl<E> Default for World<E> {
    fn default() -> World<E> {
        World::new()
    }
}
