//! Wrong: the servers are asked from the last to the first.
use std::io::{self, ErrorKind};
use untwisted::models::scripted::Sockets;

/// Fetches the poem of every server, with at most `limit` connections open at once.
pub fn fetch_all(sockets: &mut Sockets, limit: usize) -> io::Result<Vec<String>> {
    let mut poems = vec![Vec::new(); sockets.servers()];
    let mut next = poems.len();
    for _ in 0..limit.min(poems.len()) {
        next -= 1;
        sockets.connect(next);
    }

    let mut complete = 0;
    while complete < poems.len() {
        for server in sockets.wait() {
            if read_what_is_there(sockets, server, &mut poems[server])? {
                complete += 1;
                sockets.close(server);
                if next > 0 {
                    next -= 1;
                    sockets.connect(next);
                }
            }
        }
    }

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
