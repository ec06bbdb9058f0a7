//! The twin of `deferreds/two_at_a_time`: a permit that is held while a poem is read.
use futures_util::future::try_join_all;
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, sync::Semaphore, time::Instant};

async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

// ANCHOR: two
const NAMES: [&str; 5] = ["requiem", "wind", "tyger", "hope", "ozymandias"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let (servers, two) = (serve()?, Semaphore::new(2));
    let start = Instant::now();
    let now = || format!("{:.1} s", start.elapsed().as_secs_f64());
    let fetch = async |name, server| {
        let _permit = two.acquire().await.map_err(io::Error::other)?;
        println!("{}: {name} begins", now());
        let poem = get_poem(server).await?;
        println!("{}: {name} has come", now());
        io::Result::Ok(poem.len())
    };
    let poems = NAMES.iter().zip(servers.addresses());
    let sizes = try_join_all(poems.map(|(name, server)| fetch(name, *server))).await?;
    println!("{sizes:?}");
    Ok(())
}
// ANCHOR_END: two

fn serve() -> io::Result<Server> {
    Server::start(Options {
        poems: NAMES.into_iter().filter_map(Poem::named).collect(),
        pace: Pace::new(50, Duration::from_millis(100)),
        ..Options::default()
    })
}
