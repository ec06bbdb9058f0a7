//! What you leave in an edge-triggered socket is not announced again.
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpListener,
    time::Duration,
};

// ANCHOR: wait
/// Waits up to a fifth of a second; says how many events came.
fn wait(poll: &mut Poll) -> io::Result<usize> {
    let mut events = Events::with_capacity(16);
    poll.poll(&mut events, Some(Duration::from_millis(200)))?;
    Ok(events.iter().count())
}
// ANCHOR_END: wait

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    let (mut peer, _) = listener.accept()?;

    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut stream, Token(0), Interest::READABLE)?;

    // ANCHOR: read
    peer.write_all(b"Tyger Tyger, burning bright")?;
    println!("27 bytes arrive: {} event", wait(&mut poll)?);
    let mut few = [0; 6];
    stream.read_exact(&mut few)?;
    println!("we read 6 of them: {} events", wait(&mut poll)?);

    let mut rest = Vec::new();
    let error = stream.read_to_end(&mut rest).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    println!(
        "we read {} more, until the socket says it would block",
        rest.len()
    );

    peer.write_all(b"In the forests of the night")?;
    println!("27 bytes more: {} event", wait(&mut poll)?);
    // ANCHOR_END: read
    Ok(())
}
