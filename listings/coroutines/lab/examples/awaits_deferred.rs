//! The twin of `coroutines/awaits_deferred`: futures all the way down.
use poetry::{Options, Pace, Poem, Server};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::TcpStream, time::Instant};

// ANCHOR: main
async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    Ok(poem)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let (server, start) = (recite("hope")?, Instant::now());
    let now = || start.elapsed().as_secs_f64();
    let at = server.addresses()[0];
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));

    let poem = get_poem(at).await?;
    println!("{:.1} s: {} bytes", now(), poem.len());

    let lines = async { io::Result::Ok(get_poem(at).await?.lines().count()) };
    println!("{:.1} s: not asked yet", now());
    let lines = lines.await?;
    println!("{:.1} s: {lines} lines", now());

    match get_poem(nobody).await {
        Ok(poem) => println!("{} bytes", poem.len()),
        Err(error) => println!("{:.1} s: {}", now(), error.kind()),
    }
    Ok(())
}
// ANCHOR_END: main

fn recite(name: &str) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })
}
