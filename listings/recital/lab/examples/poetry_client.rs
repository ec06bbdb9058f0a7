//! The twin of `reactor/poetry_client`: its state is a local variable.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream};

// ANCHOR: client
async fn get_poem(number: usize, at: SocketAddr) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(at).await?;
    let mut poem = Vec::with_capacity(1024);
    loop {
        match stream.read_buf(&mut poem).await? {
            0 => break,
            n => println!("poem {number}: {n} bytes"),
        }
    }
    println!("poem {number} is complete: {} bytes", poem.len());
    Ok(poem)
}
// ANCHOR_END: client

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let poems = ["hope", "wind", "requiem"]
        .map(|name| Poem::named(name).unwrap())
        .to_vec();
    let pace = Pace::new(120, Duration::from_millis(100));
    let server = Server::start(Options {
        poems,
        pace,
        ..Options::default()
    })?;

    let at = server.addresses();
    tokio::try_join!(get_poem(1, at[0]), get_poem(2, at[1]), get_poem(3, at[2]))?;
    Ok(())
}
