//! Wrong: takes 0 bytes for nothing yet.
use std::io::{self, ErrorKind, Read};

/// How a reading ended.
#[derive(Debug)]
pub enum After {
    /// There is nothing more for now.
    Later,
    /// The peer has closed: nothing more will come.
    Closed,
    /// The connection is broken.
    Broken(io::Error),
}

/// Reads all that is there into `kept`, and says how that ended.
pub fn read_all(socket: &mut impl Read, kept: &mut Vec<u8>) -> After {
    let mut buffer = [0; 16];
    loop {
        match socket.read(&mut buffer) {
            Ok(0) => return After::Later,
            Ok(n) => kept.extend_from_slice(&buffer[..n]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return After::Later,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return After::Broken(error),
        }
    }
}
