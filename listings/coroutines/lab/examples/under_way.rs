//! The twin of `coroutines/under_way`: two tasks, and two futures.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, task::spawn, time::Instant};

// ANCHOR: main
async fn poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["hope", "tyger"])?;
    let at = server.addresses();

    let start = Instant::now();
    let (hope, tyger) = (spawn(poem(at[0])), spawn(poem(at[1])));
    let bytes = hope.await??.len() + tyger.await??.len();
    let took = start.elapsed().as_secs_f64();
    println!("two tasks: {bytes} bytes after {took:.1} s");

    let start = Instant::now();
    let (hope, tyger) = (poem(at[0]), poem(at[1]));
    let bytes = hope.await?.len() + tyger.await?.len();
    let took = start.elapsed().as_secs_f64();
    println!("two futures: {bytes} bytes after {took:.1} s");
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
