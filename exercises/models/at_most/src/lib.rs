//! Fetches poems with a readiness loop and a limited number of connections.
use std::io::{self, ErrorKind};
use untwisted::models::scripted::Sockets;

/// Fetches the poem of every server, with at most `limit` connections open at once.
pub fn fetch_all(sockets: &mut Sockets, limit: usize) -> io::Result<Vec<String>> {
    todo!(
        "{sockets:?} {limit} {:?}",
        io::Error::from(ErrorKind::WouldBlock)
    )
}
