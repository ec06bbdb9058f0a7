//! Our reactor hosted by tokio: Deferreds and tokio's streams in one thread, and one `async fn`.
use coroutines_lab::hosted_by_tokio::{Turns, host_counted};
use deferreds::Failure;
use poetry::{Options, Pace, Poem, Server};
use reactor::{Handle, Os, Reactor};
use recital::get_poem;
use std::{io, net::SocketAddr, rc::Rc, time::Duration};
use tokio::{
    io::AsyncReadExt,
    join,
    net::TcpStream,
    task::{LocalSet, spawn_local},
};

// ANCHOR: main
async fn by_tokio(at: SocketAddr) -> Result<usize, Failure> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    println!("tokio's socket: {} bytes", poem.len());
    Ok(poem.len())
}

async fn by_us(reactor: Handle, at: SocketAddr) -> Result<usize, Failure> {
    let poem = get_poem(&reactor, &at.into()).await?;
    println!("our reactor's socket: {} bytes", poem.len());
    Ok(poem.len())
}

async fn read(server: &Server) -> Result<(), Failure> {
    let mut reactor = Reactor::new(Os::new()?);
    let handle = reactor.handle();
    let turns = Rc::new(Turns::default());
    let counted = turns.clone();
    let hosted = spawn_local(async move { host_counted(&mut reactor, &counted).await });

    let at = server.addresses();
    let (ours, theirs) = join!(by_us(handle.clone(), at[0]), by_tokio(at[1]));
    println!("{} bytes together", ours? + theirs?);
    println!("{} turns of our reactor", turns.all.get());

    handle.stop()?;
    Ok(hosted.await??)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let server = recite(&["hope", "tyger"])?;
    LocalSet::new().run_until(read(&server)).await
}
// ANCHOR_END: main

fn recite(names: &[&str]) -> io::Result<Server> {
    Server::start(Options {
        poems: names.iter().filter_map(|name| Poem::named(name)).collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })
}
