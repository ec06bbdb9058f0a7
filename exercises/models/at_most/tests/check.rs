//! Checks `fetch_all` against servers that follow a script, where each moment is counted.
use untwisted::models::scripted::{Server, Sockets};

// Texts, and nothing that only equals them.
fn fetch_all(sockets: &mut Sockets, limit: usize) -> std::io::Result<Vec<String>> {
    at_most::fetch_all(sockets, limit)
}

#[test]
fn no_servers_no_poems() {
    let poems = fetch_all(&mut Sockets::new([]), 3).expect("without servers nothing can fail");
    assert_eq!(poems, [""; 0], "without servers there are no poems");
}

#[test]
fn one_poem_in_pieces() {
    let mut sockets = Sockets::new([Server::new(
        [(1, "O rose, thou art sick. "), (4, "The invisible worm, ")],
        5,
    )]);
    let poems = fetch_all(&mut sockets, 3).expect("nothing fails");
    assert_eq!(
        poems,
        ["O rose, thou art sick. The invisible worm, "],
        "the poem came in two pieces, and both belong to it"
    );
    assert_eq!(
        sockets.now_open(),
        0,
        "a connection that is complete is closed"
    );
}

#[test]
fn the_end_may_come_with_the_last_bytes() {
    let mut sockets = Sockets::new([(); 2].map(|()| Server::new([(3, "Tyger")], 3)));
    let poems = fetch_all(&mut sockets, 1).expect("nothing fails");
    assert_eq!(poems, ["Tyger"; 2], "last bytes and end came in one moment");
    assert_eq!(
        sockets.now(),
        6,
        "the first poem was complete at 3: its end had come with its last bytes, and `wait` names a server once for both"
    );
}

#[test]
fn a_poem_may_be_longer_than_any_buffer() {
    let long: &'static str = "Tyger ".repeat(20_000).leak();
    let mut sockets = Sockets::new([Server::new([(1, long)], 2)]);
    let poems = fetch_all(&mut sockets, 1).expect("nothing fails");
    assert_eq!(
        poems[0].len(),
        long.len(),
        "(bytes) a server is named once for all that has come, however much that is: read until WouldBlock"
    );
}

#[test]
fn poems_stand_in_the_order_of_servers() {
    let mut sockets = Sockets::new([
        Server::new([(9, "Tyger")], 10),
        Server::new([(1, "Eagle")], 2),
        Server::new([(1, "Hope")], 2),
    ]);
    let poems = fetch_all(&mut sockets, 3).expect("nothing fails");
    assert_eq!(
        poems,
        ["Tyger", "Eagle", "Hope"],
        "not the order in which they came"
    );
    assert_eq!(sockets.now(), 10, "all three can be under way at once");
}

#[test]
fn the_limit_is_kept() {
    let mut sockets = Sockets::new([(); 6].map(|()| Server::new([(1, "Tyger")], 3)));
    fetch_all(&mut sockets, 2).expect("nothing fails");
    let most = sockets.most_open();
    assert!(
        most <= 2,
        "at most 2 connections at once were asked for, and {most} were open"
    );
}

#[test]
fn a_free_place_is_taken_at_once() {
    let mut sockets = Sockets::new([
        Server::new([(1, "long")], 30),
        Server::new([(1, "short")], 10),
        Server::new([(1, "short")], 10),
        Server::new([(1, "short")], 10),
    ]);
    fetch_all(&mut sockets, 2).expect("nothing fails");
    assert_eq!(
        sockets.now(),
        30,
        "a server could have begun earlier: three short poems fit beside the long one, one after the other"
    );
}

#[test]
fn a_failure_is_returned() {
    let mut sockets = Sockets::new([Server::new([(1, "Tyger")], 3), Server::refusing(1)]);
    let kind = fetch_all(&mut sockets, 2).map_err(|e| e.kind());
    assert_eq!(
        kind,
        Err(std::io::ErrorKind::ConnectionRefused),
        "the error of a socket is returned as it is"
    );
}

#[test]
fn servers_are_asked_in_their_order_and_the_first_error_ends_it() {
    let mut sockets = Sockets::new([
        Server::new([(1, "Tyger")], 10),
        Server::refusing(1),
        Server::new([(1, "Eagle")], 50),
        Server::refusing(1),
    ]);
    let failed = fetch_all(&mut sockets, 1).is_err();
    assert!(failed, "server 1 refuses, and there is no error");
    assert_eq!(
        sockets.now(),
        11,
        "one at a time: server 0 takes until 10, server 1 refuses at 11; connect in the order of the numbers, and return the first error at once"
    );
}
