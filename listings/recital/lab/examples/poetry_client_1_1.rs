//! The twin of `reactor/poetry_client_1_1`: one failure costs one poem.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, task::JoinSet};

// ANCHOR: client
async fn get_poem(at: SocketAddr) -> io::Result<Vec<u8>> {
    let mut poem = Vec::new();
    TcpStream::connect(at).await?.read_to_end(&mut poem).await?;
    Ok(poem)
}
// ANCHOR_END: client

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let poems = ["hope", "wind"]
        .map(|name| Poem::named(name).unwrap())
        .to_vec();
    let pace = Pace::new(120, Duration::from_millis(100));
    let server = Server::start(Options {
        poems,
        pace,
        ..Options::default()
    })?;
    let nobody = "127.0.0.1:1".parse().unwrap();

    let mut downloads = JoinSet::new();
    let addresses = server.addresses().iter().copied().chain([nobody]);
    for (number, at) in (1_u32..).zip(addresses) {
        downloads.spawn(async move { (number, get_poem(at).await) });
    }
    while let Some(Ok((number, result))) = downloads.join_next().await {
        match result {
            Ok(poem) => println!("poem {number}: {} bytes", poem.len()),
            Err(error) => println!("poem {number}: {:?}", error.kind()),
        }
    }
    Ok(())
}
