//! Compares the prediction with a run whose window is on no screen.
use std::{cell::RefCell, rc::Rc};
use untwisted::qt::with_application;
use who_stands_still::program;

// A text, and nothing that only equals one.
const PREDICTION: &str = who_stands_still::PREDICTION;

fn run() -> String {
    with_application(|application| {
        let seen = Rc::new(RefCell::new(String::new()));
        let log = Rc::clone(&seen);
        let report: who_stands_still::Report = Rc::new(move |letter| log.borrow_mut().push(letter));
        program(application, &report).expect("the program runs to its end");
        seen.take()
    })
}

/// Whether the prediction has `first` before `second`.
fn before(first: char, second: char) -> bool {
    PREDICTION.find(first) < PREDICTION.find(second)
}

/// The sum of the letters of `program` as it is handed out.
const SUM: u64 = 260_041_646_128_493_119;

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
        letters, "abcdefghijk",
        "PREDICTION must have each of the letters a to k once"
    );
    assert!(
        before('b', 'c'),
        "the first dialog is opened in a slot. No turn is under way then, so the reactor goes on while it is open: b is reported"
    );
    assert!(
        before('g', 'e'),
        "the second dialog is opened in a callback of the reactor, in the middle of a turn: no other callback of it runs before this one has returned"
    );
    assert!(
        before('f', 'g'),
        "what `outside` was given is an event of Qt's loop, and a dialog runs Qt's loop: it is reported while the second dialog is open"
    );
    assert!(
        before('h', 'k'),
        "`close` calls the slot of the window before it returns"
    );
    assert!(
        before('k', 'i'),
        "a callback runs to its end: the reactor is stopped when Qt's loop has returned, and that takes until this callback has"
    );
    assert!(
        before('i', 'j'),
        "`run` returns when both loops have ended, and the shutdown triggers belong to that"
    );
    assert_eq!(PREDICTION, run(), "(left: your prediction, right: the run)");
}
