//! Poetry client 2.0 on tokio: a task for each connection, and a set of tasks that counts.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, task::JoinSet};

// ANCHOR: protocol
/// Collects one poem. What `PoetryProtocol` has as fields are local variables here.
async fn download(number: usize, at: SocketAddr) -> io::Result<()> {
    let mut poem = Vec::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_end(&mut poem).await?;
    println!("poem {number} is finished: {} bytes", poem.len());
    Ok(())
}
// ANCHOR_END: protocol

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let servers = recite(&["hope", "wind", "eagle"])?;
    let mut downloads = JoinSet::new();
    for (number, address) in (1..).zip(servers.addresses()) {
        downloads.spawn(download(number, *address));
    }
    while let Some(ended) = downloads.join_next().await {
        ended??;
    }
    println!("that was the last");
    Ok(())
}
// ANCHOR_END: main

fn recite(names: &[&str]) -> io::Result<Server> {
    Server::start(Options {
        poems: names.iter().filter_map(|name| Poem::named(name)).collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })
}
