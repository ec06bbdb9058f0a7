//! A poem from a slow server, on tokio: what the twins share.
use poetry::{Options, Pace, Poem, Server};
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::TcpStream};

// ANCHOR: get_poem
/// The twin of `recital::get_poem`. Nothing happens before it is polled.
///
/// # Errors
/// When nothing listens, when the connection breaks, and when what comes is no text.
pub async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    Ok(poem)
}
// ANCHOR_END: get_poem

/// The twin of `recital::recite`, in threads of its own. It recites until it is dropped.
///
/// # Errors
/// `NotFound` when there is no poem of a name; when a port cannot be opened.
pub fn recite(names: &[&str]) -> io::Result<Server> {
    let poems = names
        .iter()
        .map(|name| Poem::named(name).ok_or_else(|| ErrorKind::NotFound.into()))
        .collect::<io::Result<_>>()?;
    let pace = Pace::new(120, Duration::from_millis(100));
    Server::start(Options {
        poems,
        pace,
        ..Options::default()
    })
}

/// An address at which nothing listens.
pub const NOBODY: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);
