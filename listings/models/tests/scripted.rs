//! The scripted sockets and the shelves: each misuse that an exercise is about is told in words.
use models::{
    scripted::{Server, Sockets},
    shelves::{Entry, Shelf, diary},
};
use std::{
    io::ErrorKind,
    panic::{AssertUnwindSafe, catch_unwind},
};

fn message(misuse: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(misuse)).expect_err("it panics");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => (*other.downcast::<&str>().expect("it is text")).to_owned(),
    }
}

#[test]
fn waiting_without_a_connection_is_told() {
    let mut sockets = Sockets::new([Server::new([(1, "O rose")], 2)]);
    assert!(message(|| drop(sockets.wait())).ends_with("no connection is open"));
}

#[test]
fn an_undrained_socket_is_told() {
    let mut sockets = Sockets::new([Server::new([(1, "O rose")], 2)]);
    sockets.connect(0);
    let mut buffer = [0; 2];
    for _ in 0..2 {
        assert_eq!(sockets.wait(), [0]);
        assert_eq!(sockets.read(0, &mut buffer).unwrap(), 2);
    }
    let told = message(|| drop(sockets.wait()));
    assert!(told.contains("bytes of server 0 lie unread"), "{told}");
}

#[test]
fn an_unread_end_is_told() {
    let mut sockets = Sockets::new([Server::new([], 1)]);
    sockets.connect(0);
    sockets.wait();
    let told = message(|| drop(sockets.wait()));
    assert!(told.contains("the servers have closed"), "{told}");
}

#[test]
fn a_busy_loop_is_told() {
    let mut sockets = Sockets::new([Server::new([(1, "O rose")], 2)]);
    sockets.connect(0);
    let told = message(|| {
        while let Err(e) = sockets.read(0, &mut [0; 8]) {
            assert_eq!(e.kind(), ErrorKind::WouldBlock);
        }
    });
    assert!(told.contains("busy loop"), "{told}");
}

#[test]
fn connections_are_counted_and_time_is_each_ones_own() {
    let mut sockets = Sockets::new([Server::new([], 5), Server::new([], 3)]);
    sockets.connect(0);
    assert_eq!((sockets.wait(), sockets.now()), (vec![0], 5));
    sockets.close(0);
    sockets.connect(1);
    assert_eq!((sockets.wait(), sockets.now()), (vec![1], 8));
    assert_eq!((sockets.now_open(), sockets.most_open()), (1, 1));
}

#[test]
fn a_server_may_refuse() {
    let mut sockets = Sockets::new([Server::refusing(1)]);
    let mut buffer = [0; 8];
    let mut read = |sockets: &mut Sockets| sockets.read(0, &mut buffer).map_err(|e| e.kind());
    assert_eq!(read(&mut sockets), Err(ErrorKind::NotConnected));
    sockets.connect(0);
    assert_eq!(read(&mut sockets), Err(ErrorKind::WouldBlock));
    sockets.wait();
    assert_eq!(read(&mut sockets), Err(ErrorKind::ConnectionRefused));
}

#[test]
fn locking_a_shelf_twice_is_told_and_locking_again_later_is_fine() {
    let shelf = Shelf::new(3, []);
    let told = message(|| {
        let _one = shelf.lock();
        let _two = shelf.lock();
    });
    assert!(told.contains("waits for itself"), "{told}");
    diary();
    shelf.lock().push("Tyger".to_owned());
    assert_eq!(diary(), [Entry::Locked(3), Entry::Unlocked(3, 1)]);
}
