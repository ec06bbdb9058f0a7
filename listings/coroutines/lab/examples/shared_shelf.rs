//! The twin of `coroutines/shared_shelf`: tasks that may move to another thread, so an Arc, a Mutex, and a bound.
use poetry::{Options, Pace, Poem, Server};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    spawn,
    time::{Duration, Instant},
};

// ANCHOR: main
type Shelf = Arc<Mutex<Vec<String>>>;

async fn fetch(start: Instant, at: SocketAddr, shelf: Shelf) -> io::Result<()> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    let mut shelf = shelf.lock().unwrap(); // after the await, and until the end
    shelf.push(poem);
    let now = start.elapsed().as_secs_f64();
    println!("{now:.1} s: {} on the shelf", shelf.len());
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let (shelf, start) = (Shelf::default(), Instant::now());
    let server = recite(&["hope", "tyger", "eagle"])?;
    let tasks: Vec<_> = server
        .addresses()
        .iter()
        .map(|at| spawn(fetch(start, *at, shelf.clone())))
        .collect();
    for task in tasks {
        task.await??;
    }
    let bytes: usize = shelf.lock().unwrap().iter().map(String::len).sum();
    println!("{bytes} bytes");
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
