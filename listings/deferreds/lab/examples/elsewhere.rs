//! The twin of `deferreds/elsewhere`: asking another server is an await in an arm of the match.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream};

async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    // ANCHOR: elsewhere
    let (here, there) = (SocketAddr::from(([127, 0, 0, 1], 1)), serve("eagle")?);
    let poem = match get_poem(here).await {
        Ok(poem) => poem,
        Err(_) => get_poem(there.addresses()[0]).await?,
    };
    println!("{}", poem.lines().next().unwrap_or_default());
    // ANCHOR_END: elsewhere
    Ok(())
}

fn serve(name: &str) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    })
}
