//! tokio in a thread beside our reactor: its tasks run there, and our chain waits for them here.
use coroutines::{run, timeout};
use coroutines_lab::tokio_beside::TokioBeside;
use deferreds::{Failure, TimedOut};
use poetry::{Options, Pace, Poem, Server};
use reactor::Handle;
use recital::get_poem;
use std::{io, net::SocketAddr, process::ExitCode, thread, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream};

// ANCHOR: main
async fn by_tokio(at: SocketAddr) -> Result<String, Failure> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    println!("tokio, thread \"{}\": {} bytes", name(), poem.len());
    Ok(poem)
}

async fn read(reactor: Handle) -> Result<(), Failure> {
    let server = recite(&["hope", "tyger"])?;
    let at = server.addresses();
    let tokio = TokioBeside::start()?;

    let lines = tokio
        .spawn(&reactor, by_tokio(at[1])) // a Deferred, here
        .add_callback(|poem| Ok(poem.lines().count()));
    let hope = get_poem(&reactor, &at[0].into()).await?;
    println!("our reactor, thread \"{}\": {} bytes", name(), hope.len());
    println!("thread \"{}\": {} lines", name(), lines.await?);

    match tokio
        .spawn(&reactor, by_tokio("127.0.0.1:1".parse()?))
        .await
    {
        Ok(_) => println!("a poem, from nobody"),
        Err(failure) => println!("failed: {}", failure.trap::<io::Error>()?.kind()),
    }

    let slow = tokio.spawn(&reactor, by_tokio(at[1]));
    match timeout(&reactor, Duration::from_millis(150), slow).await {
        Ok(poem) => println!("{} bytes", poem?.len()),
        Err(TimedOut) => println!("too late: the task of tokio is aborted"),
    }
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main

fn name() -> String {
    thread::current().name().unwrap_or("?").to_owned()
}

fn recite(names: &[&str]) -> io::Result<Server> {
    Server::start(Options {
        poems: names.iter().filter_map(|name| Poem::named(name)).collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })
}
