//! Waits in a world in which nothing takes time.
use std::time::Duration;
use time_jumps::{Waited, World};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// One wait, in words, with what the clock says after it.
fn wait(world: &mut World<char>, deadline: Option<u64>) -> String {
    let waited = match world.wait(deadline.map(ms)) {
        Waited::Event(event) => event.to_string(),
        Waited::Deadline => "deadline".to_owned(),
        Waited::Stalled => "stalled".to_owned(),
    };
    format!("{waited} at {}", world.now().as_millis())
}

#[test]
fn the_earliest_comes_first() {
    let mut world = World::new();
    world.later(ms(300), 'a');
    world.later(ms(100), 'b');
    assert_eq!(
        wait(&mut world, None),
        "b at 100",
        "events for 300 and 100 ms: the wait sleeps until the event that is earliest"
    );
    assert_eq!(wait(&mut world, None), "a at 300", "now the one for 300 ms");
}

#[test]
fn a_deadline_ends_the_wait() {
    let mut world = World::new();
    world.later(ms(300), 'a');
    assert_eq!(
        wait(&mut world, Some(200)),
        "deadline at 200",
        "the deadline is before the event"
    );
    assert_eq!(
        wait(&mut world, Some(400)),
        "a at 300",
        "now the event is before the deadline, and the wait sleeps until the event"
    );
    assert_eq!(
        wait(&mut world, Some(400)),
        "deadline at 400",
        "no event is left, but a deadline is"
    );
}

#[test]
fn at_the_same_moment() {
    let mut world = World::new();
    world.later(ms(100), 'a');
    assert_eq!(
        wait(&mut world, Some(100)),
        "a at 100",
        "an event exactly at the deadline: the event goes first"
    );
    let mut world = World::new();
    world.later(ms(10), 'a');
    for event in ['b', 'c', 'd'] {
        world.later(ms(20), event);
    }
    let events = [(); 4].map(|()| wait(&mut world, None)).join(", ");
    assert_eq!(
        events, "a at 10, b at 20, c at 20, d at 20",
        "three events of one moment come in the order in which they were added"
    );
}

#[test]
fn times_are_from_now() {
    let mut world = World::new();
    let _ = wait(&mut world, Some(500));
    world.later(ms(100), 'a');
    assert_eq!(
        wait(&mut world, None),
        "a at 600",
        "at 500 ms, in 100 ms: a time is counted from now, not from the start"
    );
}

#[test]
fn the_clock_does_not_go_back() {
    let mut world = World::new();
    let _ = wait(&mut world, Some(500));
    world.later(ms(100), 'a');
    assert_eq!(
        wait(&mut world, Some(200)),
        "deadline at 500",
        "the deadline has passed 300 ms ago: the wait is over at once, and a clock never goes back"
    );
    world.later(ms(0), 'b');
    assert_eq!(
        wait(&mut world, Some(200)),
        "b at 500",
        "the deadline has passed, but an event is due at this very moment"
    );
}

#[test]
fn nothing_to_wait_for() {
    let mut world = World::<char>::default();
    let _ = wait(&mut world, Some(500));
    assert_eq!(
        wait(&mut world, None),
        "stalled at 500",
        "no event and no deadline: say so, and leave the clock where it is"
    );
}
