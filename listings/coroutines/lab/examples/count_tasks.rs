//! The twin of `coroutines/count_tasks`: a LocalSet keeps the tasks in one thread.
use poetry::{Options, Pace, Poem, Server};
use std::{cell::Cell, io, net::SocketAddr, rc::Rc, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    task::{LocalSet, spawn_local},
    time::Instant,
};

// ANCHOR: main
async fn count(start: Instant, at: SocketAddr, finished: Rc<Cell<u32>>) -> io::Result<()> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    finished.set(finished.get() + 1);
    let now = start.elapsed().as_secs_f64();
    println!(
        "{now:.1} s: {} bytes, number {}",
        poem.len(),
        finished.get()
    );
    Ok(())
}

async fn all() -> io::Result<()> {
    let (start, finished) = (Instant::now(), Rc::new(Cell::new(0)));
    let server = recite(&["tyger", "hope", "eagle"])?;
    let mut tasks = Vec::new();
    for at in server.addresses() {
        tasks.push(spawn_local(count(start, *at, finished.clone())));
    }
    for task in tasks {
        task.await??;
    }
    println!("{} poems", finished.get());
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    LocalSet::new().run_until(all()).await
}
// ANCHOR_END: main

fn recite(names: &[&str]) -> io::Result<Server> {
    Server::start(Options {
        poems: names.iter().filter_map(|name| Poem::named(name)).collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })
}
