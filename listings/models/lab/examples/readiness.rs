//! The twin of the readiness loop: three tasks in one thread, on tokio's loop.
use models::{arrived, finished};
use std::{io, net::SocketAddr};
use tokio::{io::AsyncReadExt, net::TcpStream, task::JoinSet};

fn main() -> io::Result<()> {
    models::with_slow_poems(fetch_all)
}

/// Fetches all poems at once in the thread that calls it.
pub fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let mut downloads = JoinSet::new();
            for (index, &address) in addresses.iter().enumerate() {
                downloads.spawn(async move {
                    let poem = fetch(index, address).await?;
                    finished(index, &poem);
                    Ok(())
                });
            }
            downloads.join_all().await.into_iter().collect()
        })
}

async fn fetch(index: usize, address: SocketAddr) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let mut poem = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = stream.read(&mut buffer).await?; // this task waits, not the thread
        if n == 0 {
            return Ok(poem);
        }
        arrived(index);
        poem.extend_from_slice(&buffer[..n]);
    }
}
