//! One thread that waits for all sockets at once, and is told which one is ready.
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use models::{arrived, finished};
use std::{
    io::{self, ErrorKind, Read},
    net::SocketAddr,
};

fn main() -> io::Result<()> {
    models::with_slow_poems(fetch_all)
}

struct Download {
    index: usize,
    stream: TcpStream,
    poem: Vec<u8>,
    done: bool,
}

// ANCHOR: fetch_all
/// Fetches all poems at once in the thread that calls it.
pub fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut downloads = Vec::new();
    for (index, &address) in addresses.iter().enumerate() {
        let mut stream = TcpStream::connect(address)?; // begins to connect
        poll.registry()
            .register(&mut stream, Token(index), Interest::READABLE)?;
        let poem = Vec::new();
        downloads.push(Download {
            index,
            stream,
            poem,
            done: false,
        });
    }

    let mut events = Events::with_capacity(64);
    let mut unfinished = downloads.len();
    while unfinished > 0 {
        match poll.poll(&mut events, None) {
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            other => other?, // the only place where this program waits
        }
        for event in &events {
            let Token(index) = event.token();
            if downloads[index].read_what_is_there()? {
                finished(index, &downloads[index].poem);
                unfinished -= 1;
            }
        }
    }
    Ok(())
}
// ANCHOR_END: fetch_all

// ANCHOR: read
impl Download {
    /// Reads until nothing is left now. True once, when the poem is complete.
    fn read_what_is_there(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        while !self.done {
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.done = true;
                    return Ok(true);
                }
                Ok(n) => {
                    arrived(self.index);
                    self.poem.extend_from_slice(&buffer[..n]);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => break, // drained
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
        }
        Ok(false)
    }
}
// ANCHOR_END: read
