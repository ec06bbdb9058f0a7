//! Compares the prediction with a run.
use std::{cell::RefCell, rc::Rc};
use under_way::program;

// A text, and nothing that only equals one.
const PREDICTION: &str = under_way::PREDICTION;

fn run() -> String {
    let seen = Rc::new(RefCell::new(String::new()));
    let log = Rc::clone(&seen);
    program(move |letter| log.borrow_mut().push(letter));
    seen.take()
}

/// Whether the prediction has `first` before `second`.
fn before(first: char, second: char) -> bool {
    PREDICTION.find(first) < PREDICTION.find(second)
}

/// What the letters of `program` come to as it is handed out, so that they do not stand here for everybody to read.
const SUM: u64 = 8_757_209_694_064;

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
    letters.dedup();
    assert!(
        PREDICTION
            .chars()
            .all(|letter| ('a'..='i').contains(&letter))
            && letters.len() == PREDICTION.len(),
        "PREDICTION has letters from a to i, each at most once"
    );
    assert!(
        !PREDICTION.contains('f'),
        "f: this future was dropped and was never polled, so none of its lines has run"
    );
    assert!(
        PREDICTION.contains('g'),
        "g: this function had done its work when it returned, and what is dropped is only the Deferred"
    );
    assert!(
        PREDICTION.contains('d'),
        "d: the end of the chain was dropped before it fired, and a drop stops nothing"
    );
    assert!(
        before('b', 'a') && before('c', 'a'),
        "a: calling an `async fn` runs none of its lines; the first poll does"
    );
    assert!(
        before('h', 'i'),
        "h: the Deferred has its result, so the stage runs inside `add_callback`"
    );
    assert_eq!(PREDICTION, run(), "(left: your prediction, right: the run)");
}
