//! The twin of `deferreds/fetch_many`: a vector of futures, and one that polls them all.
use futures_util::future::try_join_all;
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, time::Instant};

// ANCHOR: main
const NAMES: [&str; 3] = ["hope", "wind", "requiem"];

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
    let servers = serve()?;
    let start = Instant::now();
    let poems = servers
        .addresses()
        .iter()
        .zip(NAMES)
        .map(|(server, name)| async move {
            let poem = get_poem(*server).await?;
            println!("{:.1} s: {name}", start.elapsed().as_secs_f64());
            Ok::<_, io::Error>(poem.len())
        });
    let sizes = try_join_all(poems).await?;
    println!("{:.1} s: {sizes:?}", start.elapsed().as_secs_f64());
    Ok(())
}
// ANCHOR_END: main

fn serve() -> io::Result<Server> {
    Server::start(Options {
        poems: NAMES.into_iter().filter_map(Poem::named).collect(),
        pace: Pace::new(50, Duration::from_millis(100)),
        ..Options::default()
    })
}
