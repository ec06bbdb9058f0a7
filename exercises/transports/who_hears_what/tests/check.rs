//! Compares the table with six runs in the simulated world.
use who_hears_what::{ENDINGS, run};

// Texts, and nothing that only equals one.
const TABLE: [[&str; 2]; 6] = who_hears_what::TABLE;

/// What a run says.
fn heard(place: usize) -> [String; 2] {
    run(ENDINGS[place])
}

/// Compares a row with its run. `because` tells what was overlooked, and not the answer.
fn check(place: usize, because: &str) {
    for word in TABLE[place] {
        assert!(
            ["done", "aborted", "reset", "own", "nothing"].contains(&word),
            "ENDINGS[{place}]: {word:?} is none of the words done, aborted, reset, own, nothing"
        );
    }
    let heard = heard(place);
    let wrong = match (TABLE[place][0] == heard[0], TABLE[place][1] == heard[1]) {
        (true, true) => return,
        (false, true) => "the server's word is wrong",
        (true, false) => "the client's word is wrong",
        (false, false) => "both words are wrong",
    };
    panic!("ENDINGS[{place}]: {wrong}: {because}");
}

/// The sum of what the runs say as they are handed out.
const SUM: u64 = 11_039_980_945_681_250_893;

/// What the words come to, so that they do not stand here for everybody to read.
fn sum() -> u64 {
    let words = (0..ENDINGS.len()).flat_map(heard).collect::<String>();
    words.bytes().fold(7, |sum, letter| {
        sum.wrapping_mul(31).wrapping_add(u64::from(letter))
    })
}

#[test]
fn nothing_else_was_changed() {
    let sum: u64 = sum();
    assert_eq!(
        sum, SUM,
        "the runs say other words than they did: change TABLE and nothing else"
    );
}

#[test]
fn two_wishes() {
    check(
        0,
        "both wishes are carried out when the turn ends, and a later abort beats an earlier close",
    );
}

#[test]
fn half_an_end() {
    check(
        1,
        "both protocols leave `peer_closed` as it is, and its default closes the connection from its side, too",
    );
}

#[test]
fn an_error() {
    check(
        2,
        "a failure aborts the connection, because half an answer must not look whole; and no failure travels over a connection, only its end does",
    );
}

#[test]
fn no_protocol() {
    check(
        3,
        "the factory is called when a client has come: by then the systems have connected, and the connection is closed in good order",
    );
}

#[test]
fn nobody_listens() {
    check(
        4,
        "the factory hears that there will be no connection, and what was never made is not lost",
    );
}

#[test]
fn nobody_ends_it() {
    check(
        5,
        "dropping the reactor ends every connection that is left, and each protocol hears of it",
    );
}
