//! The twin of `coroutines/select_loop`: three branches, of which two are kept across the rounds.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, pin::pin, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    select,
    time::{Instant, sleep},
};

async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    Ok(poem)
}

// ANCHOR: fetch
async fn fetch(start: Instant, at: SocketAddr) -> io::Result<String> {
    let mut poem = pin!(get_poem(at)); // kept
    let mut limit = pin!(sleep(Duration::from_millis(700))); // kept
    loop {
        select! {
            poem = &mut poem => return poem,
            () = &mut limit => return Err(io::Error::other("too slow")),
            // a new one each round
            () = sleep(Duration::from_millis(250)) => {
                println!("{:.2} s: still waiting", start.elapsed().as_secs_f64());
            }
        }
    }
}
// ANCHOR_END: fetch

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["tyger", "jabberwocky"])?;
    let start = Instant::now();
    for at in server.addresses() {
        let poem = fetch(start, *at).await;
        let now = start.elapsed().as_secs_f64();
        match poem {
            Ok(poem) => println!("{now:.2} s: {} bytes", poem.len()),
            Err(error) => println!("{now:.2} s: {error}"),
        }
    }
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
