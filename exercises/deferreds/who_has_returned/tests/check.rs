//! Compares the prediction with a run in the simulated world.
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::reactor::{Reactor, Sim};
use who_has_returned::program;

// A text, and nothing that only equals one.
const PREDICTION: &str = who_has_returned::PREDICTION;

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

/// What the letters of `program` come to as it is handed out, so that they do not stand here for everybody to read.
const SUM: u64 = 8_519_760_479_712_752;

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
        letters, "abcdefghij",
        "PREDICTION must have each of the letters a to j once"
    );
    assert!(
        before('g', 'd'),
        "`get_poem` does not wait: it returns before there is a poem"
    );
    assert!(
        before('e', 'd'),
        "`count` does not wait: it adds a stage, reports e, and returns"
    );
    assert!(
        before('h', 'j'),
        "there is no turn before `program` has returned, and `call_soon` never calls at once"
    );
    assert!(
        before('j', 'd'),
        "the poem takes a tenth of a second, and j is reported in the first turn"
    );
    assert_eq!(PREDICTION, run(), "(left: your prediction, right: the run)");
}
