//! The threaded server on real sockets: whole poems, faults, limits, and a drop that nothing can
//! hang.
use poetry::{Fault, Options, POEMS, Pace, Server};
use std::{
    io::{ErrorKind, Read},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A hang becomes a failure: nothing here needs a hundredth of that time.
const LIMIT: Duration = Duration::from_secs(20);

fn within<T: Send + 'static>(what: &str, f: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, wait) = mpsc::channel();
    let thread = thread::spawn(move || done.send(f()));
    match wait.recv_timeout(LIMIT) {
        Ok(value) => value,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{what} hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(_) => unreachable!(),
        },
    }
}

fn fast() -> Options {
    Options {
        pace: Pace::new(64, Duration::from_micros(50)),
        ..Options::default()
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

fn fetch(address: SocketAddr) -> std::io::Result<String> {
    let mut text = String::new();
    connect(address).read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn each_poem_has_its_own_port_and_arrives_whole() {
    let server = Server::start(Options {
        poems: POEMS.iter().collect(),
        ..fast()
    })
    .unwrap();
    assert_eq!(server.addresses().len(), POEMS.len());
    let readers: Vec<_> = server
        .addresses()
        .iter()
        .map(|&address| thread::spawn(move || fetch(address).unwrap()))
        .collect();
    for (reader, poem) in readers.into_iter().zip(POEMS) {
        assert_eq!(reader.join().unwrap(), poem.text);
    }
}

#[test]
fn a_truncated_poem_looks_like_a_whole_one() {
    let server = Server::start(Options {
        fault: Fault::Truncate,
        ..fast()
    })
    .unwrap();
    let text = fetch(server.addresses()[0]).unwrap();
    assert_eq!(text, POEMS[0].text[..POEMS[0].text.len() / 2]);
}

#[test]
fn a_reset_is_an_error_for_the_reader() {
    let server = Server::start(Options {
        fault: Fault::Reset,
        ..fast()
    })
    .unwrap();
    let error = fetch(server.addresses()[0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

/// Reads until `count` bytes came.
fn read(stream: &mut TcpStream, count: usize) {
    stream.read_exact(&mut vec![0; count]).unwrap();
}

#[test]
fn a_drop_ends_what_stalls_and_what_pauses() {
    within("the drop", || {
        let half = POEMS[0].text.len() / 2;
        let server = Server::start(Options {
            fault: Fault::Stall,
            ..fast()
        })
        .unwrap();
        let mut stalled = connect(server.addresses()[0]);
        read(&mut stalled, half);
        let hour = Pace {
            late: Duration::from_secs(3600),
            ..Pace::at_once()
        };
        let late = Server::start(Options {
            pace: hour,
            ..Options::default()
        })
        .unwrap();
        let mut waiting = connect(late.addresses()[0]);
        drop(server);
        drop(late);
        // Both ends are told: no bytes more, and no wait.
        assert_eq!(stalled.read(&mut [0; 8]).unwrap_or(0), 0);
        assert_eq!(waiting.read(&mut [0; 8]).unwrap_or(0), 0);
    });
}

#[test]
fn connections_beyond_the_limit_wait_for_their_turn() {
    within("the third reader", || {
        let options = Options {
            fault: Fault::Stall,
            most: 2,
            ..fast()
        };
        let server = Server::start(options).unwrap();
        let address = server.addresses()[0];
        let half = POEMS[0].text.len() / 2;
        let (mut first, mut second) = (connect(address), connect(address));
        read(&mut first, half);
        read(&mut second, half);
        let third = connect(address);
        third
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let nothing = (&third).read(&mut [0; 8]).unwrap_err();
        assert!(matches!(
            nothing.kind(),
            ErrorKind::WouldBlock | ErrorKind::TimedOut
        ));
        assert_eq!(server.connections(), 2);
        // The drop also ends the listener that waits for a free place.
        drop(server);
    });
}

#[test]
fn a_client_that_leaves_frees_its_place() {
    within("the second reader", || {
        let server = Server::start(Options { most: 1, ..fast() }).unwrap();
        let address = server.addresses()[0];
        for _ in 0..3 {
            drop(connect(address));
        }
        assert_eq!(fetch(address).unwrap(), POEMS[0].text);
    });
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Server::start(Options { port, ..fast() }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(
        error
            .to_string()
            .starts_with(&format!("port {port} of 127.0.0.1 cannot be opened"))
    );
}

#[test]
fn ports_do_not_run_past_the_last() {
    let options = Options {
        port: 65535,
        poems: POEMS.iter().take(2).collect(),
        ..fast()
    };
    let error = Server::start(options).unwrap_err().to_string();
    // The first port may be taken on some machine; either way it is said and nothing is left
    // running.
    assert!(error.contains("65535"), "{error}");
}
