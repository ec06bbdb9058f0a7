//! How long a loop may wait.
use std::time::Duration;

/// Returns how long the loop may wait at the time `now`; `None` when it may wait for ever.
pub fn until_next(
    now: Duration,
    deadlines: &[Duration],
    work: bool,
    at_most: Option<Duration>,
) -> Option<Duration> {
    if work {
        return Some(Duration::ZERO);
    }
    let next = deadlines.first();
    let next = next.map(|deadline| deadline.saturating_sub(now));
    match (next, at_most) {
        (Some(next), Some(limit)) => Some(next.min(limit)),
        (next, limit) => next.or(limit),
    }
}
