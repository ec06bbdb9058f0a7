//! The twin of `coroutines/together`: a `JoinSet` owns its tasks, and ends them.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep},
};

// ANCHOR: fetch
struct Note(&'static str);

impl Drop for Note {
    fn drop(&mut self) {
        println!("    {} has ended", self.0);
    }
}

/// Fetches a poem that fits on a card.
async fn fetch(start: Instant, name: &'static str, at: SocketAddr) -> io::Result<usize> {
    let _note = Note(name);
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    let now = start.elapsed().as_secs_f64();
    println!("{now:.1} s: {name}, {} bytes", poem.len());
    match poem.len() {
        bytes @ ..700 => Ok(bytes),
        _ => Err(io::Error::other(format!("{name}: too long"))),
    }
}
// ANCHOR_END: fetch

// ANCHOR: together
/// The values of all tasks as they finish; or the first failure, with the tasks that are left still in the set.
async fn gather(set: &mut JoinSet<io::Result<usize>>) -> io::Result<Vec<usize>> {
    let mut values = Vec::new();
    while let Some(result) = set.join_next().await {
        values.push(result??);
    }
    Ok(values)
}

/// The same, when all that are left have been aborted and have ended.
async fn together(mut set: JoinSet<io::Result<usize>>) -> io::Result<Vec<usize>> {
    let values = gather(&mut set).await;
    set.shutdown().await;
    values
}
// ANCHOR_END: together

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let names = ["hope", "tyger", "jabberwocky"];
    let server = recite(&names)?;
    let start = Instant::now();
    let begin = || -> JoinSet<_> {
        let each = names.into_iter().zip(server.addresses());
        each.map(|(name, at)| fetch(start, name, *at)).collect()
    };
    let now = || format!("{:.1} s", start.elapsed().as_secs_f64());

    println!("gathered");
    let mut set = begin();
    let cards = gather(&mut set).await;
    println!("{}: {}", now(), outcome(cards));
    sleep(Duration::from_millis(400)).await;

    println!("together");
    let cards = together(begin()).await;
    println!("{}: {}", now(), outcome(cards));
    sleep(Duration::from_millis(400)).await;
    Ok(())
}
// ANCHOR_END: main

fn outcome(cards: io::Result<Vec<usize>>) -> String {
    match cards {
        Ok(cards) => format!("{} cards", cards.len()),
        Err(error) => format!("no cards: {error}"),
    }
}

fn recite(names: &[&str]) -> io::Result<Server> {
    Server::start(Options {
        poems: names.iter().filter_map(|name| Poem::named(name)).collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })
}
