//! The twin of `deferreds/half_a_poem`: an early end is no error for `read_to_string` either.
use poetry::{Fault, Options, Pace, Poem, Server};
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

// ANCHOR: whole
/// A poem ends at the end of a line.
fn whole(poem: String) -> io::Result<String> {
    if !poem.ends_with('\n') {
        return Err(io::Error::other("the poem has no end"));
    }
    Ok(poem)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let (reset, truncated) = (serve(Fault::Reset)?, serve(Fault::Truncate)?);
    let (reset, truncated) = (reset.addresses()[0], truncated.addresses()[0]);
    show("reset", get_poem(reset).await);
    show("truncated", get_poem(truncated).await);
    let checked = get_poem(truncated).await.and_then(whole);
    show("truncated, and looked at", checked);
    Ok(())
}

fn show(what: &str, poem: io::Result<String>) {
    match poem {
        Ok(poem) => println!("{what}: a poem of {} bytes", poem.len()),
        Err(error) if error.kind() == io::ErrorKind::Other => println!("{what}: {error}"),
        Err(error) => println!("{what}: {}", error.kind()),
    }
}
// ANCHOR_END: whole

fn serve(fault: Fault) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named("requiem").into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        fault,
        ..Options::default()
    })
}
