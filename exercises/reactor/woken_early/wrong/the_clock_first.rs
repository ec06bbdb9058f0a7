//! Wrong: looks at the clock before it looks at the events.
use std::time::Duration;

/// The outside of a loop.
pub trait System {
    /// What the clock says.
    fn now(&self) -> Duration;
    /// Waits for events, but not longer than `limit`; without a limit, for ever. Returns how many events there are.
    /// It may return early, and with no events.
    fn wait(&mut self, limit: Option<Duration>) -> usize;
}

/// Why a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// So many events have come.
    Events(usize),
    /// The deadline has come, and no event.
    Deadline,
}

/// Waits until there are events, or until the clock says `deadline`.
pub fn wait_until(system: &mut impl System, deadline: Option<Duration>) -> Woken {
    loop {
        let limit = deadline.map(|deadline| deadline.saturating_sub(system.now()));
        let events = system.wait(limit);
        if deadline.is_some_and(|deadline| system.now() >= deadline) {
            return Woken::Deadline;
        }
        if events > 0 {
            return Woken::Events(events);
        }
    }
}
