//! Compares the prediction with a run.
use std::{cell::RefCell, rc::Rc};
use which_stages::program;

// A text, and nothing that only equals one.
const PREDICTION: &str = which_stages::PREDICTION;

fn run() -> String {
    let seen = Rc::new(RefCell::new(String::new()));
    let log = Rc::clone(&seen);
    program(move |letter| log.borrow_mut().push(letter));
    seen.take()
}

fn has(letter: char) -> bool {
    PREDICTION.contains(letter)
}

/// Whether the prediction has both, and `first` before `second`.
fn before(first: char, second: char) -> bool {
    match (PREDICTION.find(first), PREDICTION.find(second)) {
        (Some(first), Some(second)) => first < second,
        _ => false,
    }
}

/// The sum of the letters of `program` as it is handed out.
const SUM: u64 = 282_605_124_056;

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
    assert!(
        PREDICTION
            .chars()
            .all(|letter| ('a'..='j').contains(&letter)),
        "PREDICTION has letters from a to j, and nothing else"
    );
    assert!(
        has('g') && has('h'),
        "`g` and `h` are no stages: they are called, whatever happens in the chains"
    );
    assert!(
        before('b', 'g'),
        "`first` fires before `g`, and a stage runs while the resolver is fired"
    );
    assert!(
        !has('c'),
        "nothing has failed when the chain comes by `c`: a value skips an errback"
    );
    assert!(
        before('g', 'a') && before('a', 'd'),
        "`b` returned a Deferred that has not fired when `g` is reported: the chain below waits for `a`"
    );
    assert!(
        !(has('e') && has('f')),
        "one half of a pair runs, never both"
    );
    assert!(
        has('f'),
        "`d` fails, so the pair below it is entered on the failure rail"
    );
    assert!(
        !has('j'),
        "`f` has returned a value, so the result is on the value rail again, and `j` is an errback"
    );
    assert!(
        before('h', 'i'),
        "a stage that is added after the result came runs at once: `i` runs, after `h`"
    );
    assert_eq!(PREDICTION, run(), "(left: your prediction, right: the run)");
}
