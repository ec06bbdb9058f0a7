//! Checks `fetch_all` against servers that follow a script, where each moment is counted.
use at_most::fetch_all;
use untwisted::models::scripted::{Server, Sockets};

#[test]
fn no_servers_no_poems() {
    assert_eq!(fetch_all(&mut Sockets::new([]), 3).unwrap(), [""; 0]);
}

#[test]
fn one_poem_in_pieces() {
    let mut sockets = Sockets::new([Server::new(
        [(1, "O rose, thou art sick. "), (4, "The invisible worm, ")],
        5,
    )]);
    let poems = fetch_all(&mut sockets, 3).expect("nothing fails");
    assert_eq!(poems, ["O rose, thou art sick. The invisible worm, "]);
    assert_eq!(
        sockets.now_open(),
        0,
        "a connection that is complete is closed"
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
    assert_eq!(kind, Err(std::io::ErrorKind::ConnectionRefused));
}
