//! Plays a system that wakes its waiter when it likes.
use std::{collections::VecDeque, time::Duration};
use woken_early::{System, Woken, wait_until};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Each wait takes so long, and brings so many events.
struct Script {
    now: Duration,
    waits: VecDeque<(Duration, usize)>,
    limits: Vec<Option<Duration>>,
}

impl System for Script {
    fn now(&self) -> Duration {
        self.now
    }
    fn wait(&mut self, limit: Option<Duration>) -> usize {
        self.limits.push(limit);
        let (took, events) = self
            .waits
            .pop_front()
            .expect("you waited once more, although there was a reason to return");
        self.now += took;
        events
    }
}

/// What came of it, in words, and the limits of all waits.
fn run(
    now: Duration,
    deadline: Option<Duration>,
    waits: &[(Duration, usize)],
) -> (String, Vec<Option<Duration>>) {
    let mut system = Script {
        now,
        waits: waits.iter().copied().collect(),
        limits: Vec::new(),
    };
    let woken = match wait_until(&mut system, deadline) {
        Woken::Events(events) => format!("{events} events"),
        Woken::Deadline => "the deadline".to_owned(),
    };
    (woken, system.limits)
}

#[test]
fn events_end_it() {
    let (woken, limits) = run(ms(0), Some(ms(100)), &[(ms(40), 2)]);
    assert_eq!(woken, "2 events", "two events came at 40 ms");
    assert_eq!(
        limits,
        [Some(ms(100))],
        "one wait is enough, with the time until the deadline as its limit"
    );
}

#[test]
fn the_deadline_ends_it() {
    let (woken, _) = run(ms(20), Some(ms(100)), &[(ms(80), 0)]);
    assert_eq!(woken, "the deadline", "the wait took until the deadline");
}

#[test]
fn early_and_for_nothing() {
    let waits = [(ms(30), 0), (ms(70), 0)];
    let (woken, limits) = run(ms(0), Some(ms(100)), &waits);
    assert_eq!(
        limits.len(),
        2,
        "the wait ended after 30 ms with no events: the deadline has not come, so wait again"
    );
    assert_eq!(
        limits,
        [Some(ms(100)), Some(ms(70))],
        "after 30 ms of 100, 70 ms are left"
    );
    assert_eq!(
        woken, "the deadline",
        "the second wait took until the deadline"
    );
}

#[test]
fn for_ever() {
    let (woken, limits) = run(ms(5), None, &[(ms(10), 0), (ms(10), 0), (ms(10), 1)]);
    assert_eq!(
        limits, [None; 3],
        "there is no deadline, so no wait has a limit"
    );
    assert_eq!(woken, "1 events", "the third wait brought an event");
}

#[test]
fn at_the_same_moment() {
    let (woken, _) = run(ms(0), Some(ms(100)), &[(ms(100), 3)]);
    assert_eq!(
        woken, "3 events",
        "three events came exactly at the deadline: the events go first"
    );
}

#[test]
fn too_late_already() {
    let (woken, limits) = run(ms(200), Some(ms(100)), &[(ms(0), 1)]);
    assert_eq!(
        limits,
        [Some(ms(0))],
        "the deadline passed 100 ms ago, and sockets get a look all the same: one wait, with a limit of zero"
    );
    assert_eq!(woken, "1 events", "the look has found an event");
}
