//! Poetry client 2.1 on tokio: a poem is a future, and its caller need not know of sockets.
use futures_util::future::join_all;
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream};

// ANCHOR: main
async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    Ok(poem)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let servers = recite(&["hope", "wind"])?;
    let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
    let poems = servers.addresses().iter().chain([&nobody]).map(|at| async {
        let poem = get_poem(*at).await;
        match &poem {
            Ok(poem) => println!("a poem of {} bytes", poem.len()),
            Err(error) => println!("no poem: {}", error.kind()),
        }
        usize::from(poem.is_ok())
    });
    let found = join_all(poems).await;
    println!("{} poems of {}", found.iter().sum::<usize>(), found.len());
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
