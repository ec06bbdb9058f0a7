//! The twin of `deferreds/count_words`: a stage is what stands after the await.
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

// ANCHOR: words
/// How many words the poem at `server` has.
async fn count_words(server: SocketAddr) -> io::Result<usize> {
    let poem = get_poem(server).await?;
    Ok(poem.split_whitespace().count())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = serve("wind")?;
    let words = count_words(server.addresses()[0]).await?;
    let long = words >= 100;
    println!("{}", if long { "a long one" } else { "a short one" });
    Ok(())
}
// ANCHOR_END: words

fn serve(name: &str) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    })
}
