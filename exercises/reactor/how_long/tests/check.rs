//! Asks for the limit of a wait in every combination of deadlines, limit and work.
use how_long::until_next;
use std::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const NOW: Duration = ms(1000);

#[test]
fn until_the_earliest() {
    let deadlines = [ms(1700), ms(1200), ms(1500)];
    assert_eq!(
        until_next(NOW, &deadlines, false, None),
        Some(ms(200)),
        "at 1000 ms, with deadlines at 1700, 1200 and 1500: the earliest is not the first in the list, and it is 200 ms away"
    );
}

#[test]
fn not_longer_than_the_limit() {
    assert_eq!(
        until_next(NOW, &[ms(1200)], false, Some(ms(50))),
        Some(ms(50)),
        "the deadline is 200 ms away: not longer than the limit of 50 ms"
    );
    assert_eq!(
        until_next(NOW, &[ms(1200)], false, Some(ms(500))),
        Some(ms(200)),
        "the deadline is 200 ms away, and a limit of 500 ms does not move it"
    );
    assert_eq!(
        until_next(NOW, &[], false, Some(ms(50))),
        Some(ms(50)),
        "there is no deadline, but a limit of 50 ms"
    );
}

#[test]
fn what_is_due_does_not_wait() {
    assert_eq!(
        until_next(NOW, &[NOW], false, None),
        Some(Duration::ZERO),
        "a deadline at this very moment: no wait"
    );
    let late = std::panic::catch_unwind(|| until_next(NOW, &[ms(900), ms(1200)], false, None));
    assert_eq!(
        late.ok(),
        Some(Some(Duration::ZERO)),
        "a deadline that has passed 100 ms ago is to be served at once, without a panic"
    );
}

#[test]
fn for_ever() {
    assert_eq!(
        until_next(NOW, &[], false, None),
        None,
        "no deadline, no limit, nothing to wait for but sockets: it may wait for ever, and that is `None`, not zero"
    );
}

#[test]
fn work_goes_first() {
    assert_eq!(
        until_next(NOW, &[ms(1200)], true, Some(ms(50))),
        Some(Duration::ZERO),
        "calls are waiting in the queue, so the loop must not wait"
    );
    assert_eq!(
        until_next(NOW, &[], true, None),
        Some(Duration::ZERO),
        "calls are waiting in the queue: with no deadline it would wait for ever"
    );
}
