//! Asks at chosen moments. There is no server here, and nothing to wait for.
use quota::Quota;
use std::time::Duration;
use untwisted::reactor::Time;

fn at(milliseconds: u64) -> Time {
    Time::ZERO + Duration::from_millis(milliseconds)
}

fn minute(most: usize) -> Quota {
    Quota::new(most, Duration::from_secs(60))
}

#[test]
fn so_many_and_no_more() {
    let mut quota = minute(3);
    let allowed: Vec<bool> = (0..5).map(|n| quota.allow("emily", at(n))).collect();
    assert_eq!(
        allowed,
        [true, true, true, false, false],
        "three in a minute, and no more"
    );
    assert!(
        quota.allow("edgar", at(5)),
        "each peer has a quota of its own"
    );
    assert!(
        !minute(0).allow("emily", at(0)),
        "none at all is a quota, too"
    );
}

#[test]
fn in_any_minute() {
    let mut quota = minute(2);
    assert!(
        quota.allow("emily", at(50_000)),
        "the first of two in a minute"
    );
    assert!(
        quota.allow("emily", at(59_000)),
        "the second of two in a minute"
    );
    assert!(
        !quota.allow("emily", at(61_000)),
        "a new minute on the clock is no new quota: it is two in ANY 60 s"
    );
    assert!(
        !quota.allow("emily", at(109_999)),
        "the first one counts for 60 s"
    );
    assert!(
        quota.allow("emily", at(110_000)),
        "after exactly 60 s it counts no more"
    );
    assert!(
        !quota.allow("emily", at(110_001)),
        "the second one still does"
    );
    assert!(
        quota.allow("emily", at(119_000)),
        "until its own 60 s are over"
    );
}

#[test]
fn what_was_refused_does_not_count() {
    let mut quota = minute(1);
    assert!(quota.allow("emily", at(0)), "the first in a minute");
    for second in 1..60 {
        assert!(
            !quota.allow("emily", at(second * 1000)),
            "one in a minute, and no more"
        );
    }
    assert!(
        quota.allow("emily", at(60_000)),
        "a question that was refused does not count, or a peer that asks too often may never ask again"
    );
}

#[test]
fn strangers_are_forgotten() {
    let mut quota = minute(2);
    for n in 0..1000 {
        quota.allow(&format!("stranger {n}"), at(n));
    }
    assert_eq!(
        quota.remembered(),
        1000,
        "all of them asked within the last minute"
    );
    quota.allow("emily", at(61_000));
    assert_eq!(
        quota.remembered(),
        1,
        "a peer that has not asked for 60 s is forgotten at the next question of any peer"
    );
    let mut none = minute(0);
    none.allow("emily", at(0));
    assert_eq!(
        none.remembered(),
        0,
        "a peer that is never allowed leaves nothing to remember"
    );
}
