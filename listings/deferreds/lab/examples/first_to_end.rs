//! The twin of `deferreds/first_to_end`: a set of futures yields each result as it comes.
use futures_util::stream::{FuturesUnordered, StreamExt};
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream};

// ANCHOR: first
async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}
// ANCHOR_END: first

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = Server::start(Options {
        poems: Poem::named("wind").into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })?;
    let wind = server.addresses()[0];
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    // ANCHOR: main
    let mut both: FuturesUnordered<_> = [wind, nobody].into_iter().map(get_poem).collect();
    match both.next().await {
        Some(Ok(poem)) => println!("{} bytes", poem.len()),
        Some(Err(error)) => println!("{}", error.kind()),
        None => println!("nobody was asked"),
    }
    // ANCHOR_END: main
    Ok(())
}
