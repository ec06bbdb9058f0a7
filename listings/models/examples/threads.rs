//! A thread for each poem: each waits on its own, and the system wakes the right one.
use models::{arrived, finished};
use std::{
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    thread,
};

fn main() -> io::Result<()> {
    models::with_slow_poems(fetch_all)
}

// ANCHOR: fetch_all
/// Fetches all poems at once, each in a thread of its own.
pub fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (index, &address) in addresses.iter().enumerate() {
            threads.push(scope.spawn(move || -> io::Result<()> {
                let poem = fetch(index, address)?;
                finished(index, &poem);
                Ok(())
            }));
        }
        for thread in threads {
            thread.join().expect("no thread panics")?;
        }
        Ok(())
    })
}
// ANCHOR_END: fetch_all

fn fetch(index: usize, address: SocketAddr) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    let mut poem = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = stream.read(&mut buffer)?; // only this thread waits here
        if n == 0 {
            return Ok(poem);
        }
        arrived(index);
        poem.extend_from_slice(&buffer[..n]);
    }
}
