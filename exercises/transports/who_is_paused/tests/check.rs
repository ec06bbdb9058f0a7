//! Compares the prediction with a run in the simulated world.
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::reactor::{Reactor, Sim};
use who_is_paused::program;

// A text, and nothing that only equals one.
const PREDICTION: &str = who_is_paused::PREDICTION;

fn run() -> String {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let seen = Rc::new(RefCell::new(String::new()));
    let log = Rc::clone(&seen);
    program(
        &handle,
        Rc::new(move |letter| log.borrow_mut().push(letter)),
    );
    handle.call_later(Duration::from_secs(600), |reactor| {
        reactor.stop().expect("it runs");
    });
    reactor.run().expect("it runs until it is told to stop");
    seen.take()
}

/// Whether the prediction has `first` before `second`.
fn before(first: char, second: char) -> bool {
    PREDICTION.find(first) < PREDICTION.find(second)
}

/// The sum of the letters of `program` as it is handed out.
const SUM: u64 = 8_728_926_919_981;

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
        letters, "abcdefgh",
        "PREDICTION must have each of the letters a to h once"
    );
    assert!(
        before('a', 'b'),
        "`write` calls no producer: the pause does not come inside it, so the callback goes on and reports a"
    );
    assert!(
        before('b', 'e'),
        "the pause comes at the end of this turn, and what `call_soon` was given runs in the next one"
    );
    assert!(
        before('b', 'h'),
        "the client reads nothing for a second, and the pause does not wait for that"
    );
    assert!(
        before('h', 'f'),
        "a connection whose reading is paused receives nothing, not even what has arrived"
    );
    assert!(
        before('f', 'd'),
        "drained means that all was taken by the system; the network takes no more until the client has read"
    );
    assert!(
        before('d', 'c'),
        "when nothing waits any more, the protocol is told first, and then the producer is resumed"
    );
    assert!(
        before('c', 'g'),
        "`lose_connection` waits for a producer that is registered: the loss comes after it has unregistered"
    );
    assert_eq!(PREDICTION, run(), "(left: your prediction, right: the run)");
}
