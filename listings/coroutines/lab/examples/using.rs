//! The twin of `coroutines/using`: the same reading, with tokio's tasks.
use futures_util::future::join_all;
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, join, net::TcpStream, task::spawn, time::Instant};

// ANCHOR: one
async fn first_line(start: Instant, at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    println!(
        "{:.1} s: {} bytes",
        start.elapsed().as_secs_f64(),
        poem.len()
    );
    Ok(poem.lines().next().unwrap_or_default().to_owned())
}
// ANCHOR_END: one

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["hope", "tyger", "eagle"])?;
    let (at, start) = (server.addresses(), Instant::now());
    let line = |n: usize| first_line(start, at[n]);

    println!("one after another");
    let (hope, tyger) = (line(0).await?, line(1).await?);
    println!("{hope} / {tyger}");

    println!("two at the same time");
    let (hope, tyger) = join!(line(0), line(1));
    println!("{} / {}", hope?, tyger?);

    println!("all of them");
    for line in join_all((0..at.len()).map(line)).await {
        println!("{}", line?);
    }

    println!("in a task");
    let eagle = spawn(line(2));
    let hope = line(0).await?; // the eagle flies meanwhile
    println!("{hope} / {}", eagle.await??);
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
