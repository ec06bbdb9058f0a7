//! Wrong: keeps the limit by keeping to one.
use std::io::{self, ErrorKind};
use untwisted::models::scripted::Sockets;

/// Fetches the poem of every server, with at most `limit` connections open at once.
pub fn fetch_all(sockets: &mut Sockets, limit: usize) -> io::Result<Vec<String>> {
    let mut poems = vec![Vec::new(); sockets.servers()];
    for (server, poem) in poems.iter_mut().enumerate() {
        sockets.connect(server);
        while !read_what_is_there(sockets, server, poem)? {
            sockets.wait();
        }
        sockets.close(server);
    }
    let _ = limit;

    let text = |poem| String::from_utf8(poem).map_err(io::Error::other);
    poems.into_iter().map(text).collect()
}

/// Reads until nothing is left to read now; true when the poem is complete.
fn read_what_is_there(
    sockets: &mut Sockets,
    server: usize,
    poem: &mut Vec<u8>,
) -> io::Result<bool> {
    let mut buffer = [0; 8];
    loop {
        match sockets.read(server, &mut buffer) {
            Ok(0) => return Ok(true),
            Ok(n) => poem.extend_from_slice(&buffer[..n]),
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(e) => return Err(e),
        }
    }
}
