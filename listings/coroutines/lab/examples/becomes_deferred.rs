//! The twin of `coroutines/becomes_deferred`: a stage after a task is another task that awaits it.
use poetry::{Options, Pace, Poem, Server};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::TcpStream, task::spawn};

// ANCHOR: main
async fn first_line(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    Ok(poem.lines().next().unwrap_or_default().to_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite("hope")?;
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let mut shown = Vec::new();
    for at in [server.addresses()[0], nobody] {
        let line = spawn(first_line(at)); // a JoinHandle
        shown.push(spawn(async {
            match line.await.expect("it does not panic") {
                Ok(line) => println!("{}", line.to_uppercase()),
                Err(error) => println!("no poem: {}", error.kind()),
            }
        }));
    }
    println!("both are spawned");
    for shown in shown {
        shown.await?;
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
