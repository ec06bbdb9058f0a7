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
    let next = deadlines.iter().min();
    let next = next.map(|deadline| deadline.saturating_sub(now));
    let next = next.unwrap_or_default();
    Some(at_most.map_or(next, |limit| next.min(limit)))
}
