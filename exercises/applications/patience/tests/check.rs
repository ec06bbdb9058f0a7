//! Fails often, succeeds sometimes, and looks at each delay.
use patience::Patience;
use std::time::Duration;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn it_doubles_up_to_the_most() {
    let mut patience = Patience::new(seconds(1), seconds(10));
    let delays: Vec<u64> = (0..6).map(|_| patience.failed(0.0).as_secs()).collect();
    assert_eq!(
        delays,
        [1, 2, 4, 8, 10, 10],
        "with a chance of 0: twice as long each time, and never above the most"
    );
    let mut patience = Patience::new(seconds(7), seconds(5));
    assert_eq!(
        patience.failed(0.0),
        seconds(5),
        "the first delay, too, is never above the most"
    );
}

#[test]
fn chance_takes_up_to_a_half() {
    for (chance, expected) in [(0.0, 8_000), (0.5, 6_000), (1.0, 4_000)] {
        let mut patience = Patience::new(seconds(8), seconds(60));
        let delay = patience.failed(chance).as_millis();
        assert_eq!(
            delay, expected,
            "8 s, and chance {chance}: it takes away that part of a half"
        );
        let next = patience.failed(0.0).as_secs();
        assert_eq!(
            next, 16,
            "the next delay grows from the whole one, not from what chance left of it"
        );
    }
}

#[test]
fn a_success_begins_anew() {
    let mut patience = Patience::new(seconds(1), seconds(60));
    for _ in 0..5 {
        patience.failed(0.3);
    }
    patience.succeeded();
    assert_eq!(
        patience.failed(0.0),
        seconds(1),
        "a success starts the delays again"
    );
    assert_eq!(patience.failed(0.0), seconds(2), "and they grow again");
    patience.succeeded();
    patience.succeeded();
    assert_eq!(patience.failed(0.0), seconds(1), "twice is once");
}

#[test]
fn for_weeks() {
    let mut patience = Patience::new(Duration::from_nanos(1), Duration::MAX);
    for attempt in 0..100_000 {
        let delay = patience.failed(1.0);
        assert!(delay <= Duration::MAX, "attempt {attempt}");
    }
    assert!(
        patience.failed(0.0) == Duration::MAX,
        "after 100,000 failures it is the most, and nothing has overflowed"
    );
    for chance in [f64::NAN, f64::INFINITY, -1.0, 2.0] {
        let mut patience = Patience::new(seconds(8), seconds(60));
        let delay = patience.failed(chance);
        assert!(
            delay >= seconds(4) && delay <= seconds(8),
            "chance {chance}, which is none: from a half to the whole, and here {delay:?}"
        );
    }
}
