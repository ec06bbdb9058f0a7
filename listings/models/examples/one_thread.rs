//! One thread, one poem at a time: each server is asked when the last has finished.
use models::{arrived, finished};
use std::{
    io::{self, Read},
    net::{SocketAddr, TcpStream},
};

fn main() -> io::Result<()> {
    models::with_slow_poems(fetch_all)
}

/// Fetches one poem after the other.
pub fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    for (index, &address) in addresses.iter().enumerate() {
        let poem = fetch(index, address)?;
        finished(index, &poem);
    }
    Ok(())
}

// ANCHOR: fetch
fn fetch(index: usize, address: SocketAddr) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    let mut poem = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = stream.read(&mut buffer)?; // the whole program waits here
        if n == 0 {
            return Ok(poem); // the server has closed: this was the end
        }
        arrived(index);
        poem.extend_from_slice(&buffer[..n]);
    }
}
// ANCHOR_END: fetch
