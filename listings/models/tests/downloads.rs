//! `Downloads` against servers that are whole, cut short, reset and absent: what is called, with
//! what, and what is told.
use models::Downloads;
use poetry::{Fault, Options, POEMS, Pace, Server};
use std::{
    cell::RefCell,
    io::{self, ErrorKind, Write},
    net::{Shutdown, SocketAddr, TcpListener},
    rc::Rc,
    sync::mpsc,
    thread,
    time::Duration,
};

fn serve(pace: Pace, fault: Fault) -> Server {
    Server::start(Options {
        poems: POEMS.iter().take(3).collect(),
        pace,
        fault,
        ..Options::default()
    })
    .expect("a port is free")
}

/// A download that hangs fails here instead of holding up everybody.
fn bounded(test: fn()) {
    let (done, ended) = mpsc::channel();
    let thread = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    if ended.recv_timeout(Duration::from_secs(30)) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it hangs");
    }
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

type Seen = Vec<(usize, Vec<u8>)>;

/// What was called back, in that order, how it ended, and something that each callback held.
fn run(addresses: &[SocketAddr]) -> (Seen, io::Result<()>, Rc<()>) {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let alive = Rc::new(());
    let mut downloads = Downloads::new().expect("a poll can be made");
    for (index, &address) in addresses.iter().enumerate() {
        let (seen, alive) = (Rc::clone(&seen), Rc::clone(&alive));
        downloads
            .fetch(address, move |poem| {
                seen.borrow_mut().push((index, poem));
                drop(alive);
            })
            .expect("a socket can be made");
    }
    let ended = downloads.run();
    (Rc::unwrap_or_clone(seen).into_inner(), ended, alive)
}

#[test]
fn every_poem_is_whole_and_told_once() {
    bounded(|| {
        let server = serve(Pace::new(7, Duration::from_micros(50)), Fault::None);
        let (mut seen, ended, alive) = run(server.addresses());
        ended.expect("nothing fails");
        seen.sort();
        let whole: Vec<_> = (0..3)
            .map(|i| (i, POEMS[i].text.as_bytes().to_vec()))
            .collect();
        assert_eq!(seen, whole);
        assert_eq!(
            Rc::strong_count(&alive),
            1,
            "each callback is dropped with what it holds"
        );
    });
}

#[test]
fn many_connections_to_one_server() {
    bounded(|| {
        let server = serve(Pace::at_once(), Fault::None);
        let (seen, ended, _) = run(&[server.addresses()[0]; 50]);
        ended.expect("nothing fails");
        assert_eq!(seen.len(), 50);
    });
}

#[test]
fn nothing_to_fetch_ends_at_once() {
    bounded(|| {
        let (seen, ended, _) = run(&[]);
        ended.expect("nothing fails");
        assert!(seen.is_empty());
    });
}

#[test]
fn a_poem_and_its_end_in_one_go() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has one");
        let seen = Rc::new(RefCell::new(Vec::new()));
        let mut downloads = Downloads::new().expect("a poll can be made");
        let there = Rc::clone(&seen);
        downloads
            .fetch(address, move |poem| *there.borrow_mut() = poem)
            .expect("a socket can be made");
        // Longer than the buffer of a read, and closed before anybody reads.
        let (mut stream, _) = listener.accept().expect("it connects");
        let poem = "O rose, thou art sick. ".repeat(1000).into_bytes();
        stream.write_all(&poem).expect("the socket takes it");
        stream.shutdown(Shutdown::Both).expect("it closes");
        downloads.run().expect("nothing fails");
        assert_eq!(*seen.borrow(), poem);
    });
}

#[test]
fn a_reset_is_an_error_and_drops_the_callbacks() {
    bounded(|| {
        let server = serve(Pace::at_once(), Fault::Reset);
        let (seen, ended, alive) = run(&server.addresses()[..1]);
        assert_eq!(ended.map_err(|e| e.kind()), Err(ErrorKind::ConnectionReset));
        assert!(seen.is_empty(), "half a poem is not told as a whole one");
        assert_eq!(Rc::strong_count(&alive), 1);
    });
}

#[test]
fn a_server_that_is_not_there() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has one");
        drop(listener);
        let (_, ended, _) = run(&[address]);
        assert_eq!(
            ended.map_err(|e| e.kind()),
            Err(ErrorKind::ConnectionRefused)
        );
    });
}
