//! One wait for a deadline, a socket and a call from another thread.
use mio::{
    Events, Interest, Poll, Token, Waker,
    net::{TcpListener, TcpStream},
};
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io::{self, ErrorKind, Read, Write},
    net,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const LISTENER: Token = Token(0);
const STREAM: Token = Token(1);
const WAKER: Token = Token(2);

fn main() -> io::Result<()> {
    // ANCHOR: register
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    let address = listener.local_addr()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
    // ANCHOR_END: register

    // The outside: one thread connects and talks, another one calls us.
    let peer = thread::spawn(move || -> io::Result<net::TcpStream> {
        thread::sleep(Duration::from_millis(50));
        let mut stream = net::TcpStream::connect(address)?;
        thread::sleep(Duration::from_millis(100));
        stream.write_all(b"good morning")?;
        Ok(stream)
    });
    let remote = waker.clone();
    let caller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(250));
        remote.wake()
    });

    // ANCHOR: loop
    let start = Instant::now();
    let beats = [100, 200, 300].map(Duration::from_millis);
    let mut deadlines = BinaryHeap::from(beats.map(Reverse));
    let mut events = Events::with_capacity(16);
    let mut connection: Option<TcpStream> = None;
    while let Some(&Reverse(deadline)) = deadlines.peek() {
        poll.poll(&mut events, Some(deadline.saturating_sub(start.elapsed())))?;
        if start.elapsed() >= deadline {
            deadlines.pop();
            println!("time passed: {deadline:?}");
        }
        for event in &events {
            match event.token() {
                LISTENER => {
                    while let Some((mut stream, _)) = unless_blocked(listener.accept())? {
                        poll.registry()
                            .register(&mut stream, STREAM, Interest::READABLE)?;
                        connection = Some(stream);
                        println!("somebody connected");
                    }
                }
                STREAM => {
                    let mut bytes = [0; 64];
                    let stream = connection.as_mut().expect("it was accepted");
                    while let Some(n @ 1..) = unless_blocked(stream.read(&mut bytes))? {
                        println!("data arrived: {n} bytes");
                    }
                }
                _ => println!("another thread called"),
            }
        }
    }
    // ANCHOR_END: loop
    let _stream = peer.join().unwrap()?;
    caller.join().unwrap()
}

// ANCHOR: blocked
/// `None` when the call would block: for now there is no more.
fn unless_blocked<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}
// ANCHOR_END: blocked
