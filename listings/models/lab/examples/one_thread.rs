//! The twin of one thread: `await` in a loop still fetches one poem at a time.
use models::{arrived, finished};
use std::{io, net::SocketAddr};
use tokio::{io::AsyncReadExt, net::TcpStream};

fn main() -> io::Result<()> {
    models::with_slow_poems(|addresses| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(fetch_all(addresses))
    })
}

async fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    for (index, &address) in addresses.iter().enumerate() {
        let poem = fetch(index, address).await?; // nothing else is under way
        finished(index, &poem);
    }
    Ok(())
}

async fn fetch(index: usize, address: SocketAddr) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let mut poem = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            return Ok(poem);
        }
        arrived(index);
        poem.extend_from_slice(&buffer[..n]);
    }
}
