//! The twin of `deferreds/fetch_one`: what comes after the poem stands after the await.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, time::Instant};

// ANCHOR: main
async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = serve("wind")?;
    let start = Instant::now();
    let now = || format!("{:.1} s", start.elapsed().as_secs_f64());
    println!("{}: asked", now());
    let poem = get_poem(server.addresses()[0]).await?;
    println!("{}: {} bytes have come", now(), poem.len());
    println!("{}", poem.lines().next().unwrap_or_default());
    Ok(())
}
// ANCHOR_END: main

fn serve(name: &str) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    })
}
