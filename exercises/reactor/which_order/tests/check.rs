//! Compares the prediction with a run in the simulated world.
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::reactor::{Reactor, Sim};
use which_order::program;

// A text, and nothing that only equals one.
const PREDICTION: &str = which_order::PREDICTION;

fn run() -> String {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let seen = Rc::new(RefCell::new(String::new()));
    let log = Rc::clone(&seen);
    program(&handle, move |letter| log.borrow_mut().push(letter));
    handle.call_later(Duration::from_secs(1), |reactor| {
        reactor.stop().expect("it runs")
    });
    reactor.run().expect("it runs until it is told to stop");
    seen.take()
}

/// Whether the prediction has `first` before `second`.
fn before(first: char, second: char) -> bool {
    PREDICTION.find(first) < PREDICTION.find(second)
}

/// The sum of the letters of `program` as it is handed out.
const SUM: u64 = 284_357_069_177;

/// What the letters of the run come to, so that they do not stand here for everybody to read.
fn sum(letters: &str) -> u64 {
    letters.bytes().fold(7, |sum, letter| {
        sum.wrapping_mul(31).wrapping_add(u64::from(letter))
    })
}

#[test]
fn nothing_else_was_changed() {
    assert_eq!(
        sum(&run()),
        SUM,
        "`program` reports other letters than it did: change PREDICTION and nothing else"
    );
}

#[test]
fn the_prediction_is_right() {
    let mut letters: Vec<char> = PREDICTION.chars().collect();
    letters.sort_unstable();
    let letters: String = letters.into_iter().collect();
    assert_eq!(
        letters, "abcdefg",
        "PREDICTION must have each of the letters a to g once"
    );

    assert!(
        before('d', 'e'),
        "`call_soon` never calls at once: the closure goes on and reports d"
    );
    assert!(
        before('f', 'g'),
        "in a turn the calls come before timers, also before one of 0 ms"
    );
    assert!(
        before('g', 'e'),
        "e is queued by a call, so it runs in the next turn"
    );
    assert!(
        before('c', 'a'),
        "deadlines decide, not the order of the lines: a is due at 20 ms"
    );
    assert!(
        before('b', 'c'),
        "equal deadlines run in the order in which they were made"
    );
    assert_eq!(PREDICTION, run(), "(left: your prediction, right: the run)");
}
