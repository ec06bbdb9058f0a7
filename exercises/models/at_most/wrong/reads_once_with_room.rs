//! Wrong: one read for each time a server is named, with a buffer that is large enough for what came, and not for the end.
use std::io::{self, ErrorKind};
use untwisted::models::scripted::Sockets;

/// Fetches the poem of every server, with at most `limit` connections open at once.
pub fn fetch_all(sockets: &mut Sockets, limit: usize) -> io::Result<Vec<String>> {
    let mut poems = vec![Vec::new(); sockets.servers()];
    let mut next = limit.min(poems.len());
    for server in 0..next {
        sockets.connect(server);
    }

    let mut complete = 0;
    while complete < poems.len() {
        for server in sockets.wait() {
            let mut buffer = [0; 4096];
            match sockets.read(server, &mut buffer) {
                Ok(0) => {
                    complete += 1;
                    sockets.close(server);
                    if next < poems.len() {
                        sockets.connect(next);
                        next += 1;
                    }
                }
                Ok(n) => poems[server].extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                Err(e) => return Err(e),
            }
        }
    }

    let text = |poem| String::from_utf8(poem).map_err(io::Error::other);
    poems.into_iter().map(text).collect()
}
