//! One thread that never waits: it asks every socket, again and again.
use models::{arrived, finished};
use std::{
    io::{self, ErrorKind::WouldBlock, Read},
    net::{SocketAddr, TcpStream},
};

fn main() -> io::Result<()> {
    models::with_slow_poems(fetch_all)
}

struct Download {
    stream: TcpStream,
    poem: Vec<u8>,
    done: bool,
}

// ANCHOR: fetch_all
/// Fetches all poems at once and burns a core while it waits.
pub fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    let mut downloads = Vec::new();
    for address in addresses {
        let stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        downloads.push(Download {
            stream,
            poem: Vec::new(),
            done: false,
        });
    }

    let (mut asked, mut in_vain) = (0u64, 0u64);
    let mut buffer = [0; 4096];
    while downloads.iter().any(|d| !d.done) {
        for (index, d) in downloads.iter_mut().enumerate().filter(|(_, d)| !d.done) {
            asked += 1;
            match d.stream.read(&mut buffer) {
                Ok(0) => {
                    d.done = true;
                    finished(index, &d.poem);
                }
                Ok(n) => {
                    arrived(index);
                    d.poem.extend_from_slice(&buffer[..n]);
                }
                Err(e) if e.kind() == WouldBlock => in_vain += 1,
                Err(e) => return Err(e),
            }
        }
    }
    println!("asked {asked} times, {in_vain} times for nothing");
    Ok(())
}
// ANCHOR_END: fetch_all
