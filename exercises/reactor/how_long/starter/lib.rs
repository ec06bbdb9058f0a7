//! How long a loop may wait.
use std::time::Duration;

/// Returns how long the loop may wait at the time `now`; `None` when it may wait for ever.
pub fn until_next(
    now: Duration,
    deadlines: &[Duration],
    work: bool,
    at_most: Option<Duration>,
) -> Option<Duration> {
    todo!("{now:?}, {deadlines:?}, {work}, {at_most:?}")
}
