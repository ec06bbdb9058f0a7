//! Reads once each time it is told "ready", and sleeps beside a full socket.
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use std::{
    io::{self, Read, Write},
    net::TcpListener,
    time::Duration,
};

fn main() -> io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:0")?;
    let mut stream = TcpStream::connect(server.local_addr()?)?;
    let (mut sending, _) = server.accept()?;
    sending.write_all(b"Tyger Tyger, burning bright,")?; // there before we look

    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(8);
    poll.registry()
        .register(&mut stream, Token(0), Interest::READABLE)?;

    let mut poem = Vec::new();
    while poem.len() < 28 {
        poll.poll(&mut events, Some(Duration::from_secs(1)))?;
        if events.is_empty() {
            panic!("1 s of silence, and {} of 28 bytes read", poem.len());
        }
        let mut buffer = [0; 8];
        let n = stream.read(&mut buffer)?;
        poem.extend_from_slice(&buffer[..n]);
    }
    println!("{}", String::from_utf8_lossy(&poem));
    Ok(())
}
