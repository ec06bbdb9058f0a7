//! The three servers that `costs` measures do the same work: each echoes everything, also when data
//! and end come together.
#![cfg(unix)]
#[path = "../examples/costs.rs"]
#[allow(dead_code, reason = "only its servers are run here, not the load")]
mod costs;

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(30);

fn client(listener: &TcpListener) -> TcpStream {
    let stream =
        TcpStream::connect(listener.local_addr().expect("an address")).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    stream.set_write_timeout(Some(PATIENCE)).expect("a limit");
    stream
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place % 251) as u8).collect()
}

/// What came back, to the end.
fn read_all(mut stream: TcpStream, what: &str) -> Vec<u8> {
    let mut back = Vec::new();
    let read = stream.read_to_end(&mut back);
    read.unwrap_or_else(|error| panic!("{what}: after {} bytes: {error}", back.len()));
    back
}

#[test]
fn data_and_the_end_that_come_together_are_both_served() {
    for server in costs::SERVERS {
        for size in [0, 1, 16_384, 32_768] {
            let what = format!("{server}, {size} bytes and the end");
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            // All has come before the server looks for the first time, so one event tells of it.
            let mut stream = client(&listener);
            stream.write_all(&pattern(size)).expect("written");
            stream.shutdown(Shutdown::Write).expect("ended");
            // In a thread, so that one that never ends is told by the client's patience.
            let serves = thread::spawn(move || costs::echo(server, listener, 1));
            let back = read_all(stream, &what);
            assert!(back == pattern(size), "{what}: {} came back", back.len());
            serves.join().expect("no panic").expect("served");
        }
    }
}

#[test]
fn more_than_the_network_holds_comes_back_whole() {
    const SIZE: usize = 8 << 20;
    for server in costs::SERVERS {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let mut stream = client(&listener);
        let reader = stream.try_clone().expect("a descriptor");
        let writes = thread::spawn(move || {
            stream.write_all(&pattern(SIZE)).expect("written");
            stream.shutdown(Shutdown::Write).expect("ended");
        });
        let serves = thread::spawn(move || costs::echo(server, listener, 1));
        let back = read_all(reader, server);
        assert!(back == pattern(SIZE), "{server}: {} came back", back.len());
        writes.join().expect("no panic");
        serves.join().expect("no panic").expect("served");
    }
}
