//! The twin of `deferreds/react_to_the_end`: what comes after the main future stands below it.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    time::{Instant, sleep},
};

async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = serve("wind")?;
    let start = Instant::now();
    let now = || format!("{:.1} s", start.elapsed().as_secs_f64());
    let poem = get_poem(server.addresses()[0]).await;
    if let Ok(poem) = &poem {
        println!("{}: {} bytes", now(), poem.len());
    }
    println!("{}: the guests leave", now());
    sleep(Duration::from_millis(500)).await;
    println!("{}: lights out", now());
    poem.map(drop)
}
// ANCHOR_END: main

fn serve(name: &str) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    })
}
