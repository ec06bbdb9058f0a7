//! Reads until the socket says that nothing is there, or that nothing will come.
use std::io::{self, ErrorKind, Read};

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing more is there now.
    Waiting,
    /// The other side has closed: the poem is complete.
    Finished,
}

/// Appends to `poem` all that can be read without waiting.
pub fn read_what_is_there(socket: &mut impl Read, poem: &mut Vec<u8>) -> io::Result<Progress> {
    let mut buffer = [0; 16];
    loop {
        match socket.read(&mut buffer) {
            Ok(0) => return Ok(Progress::Finished),
            Ok(n) => poem.extend_from_slice(&buffer[..n]),
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Progress::Waiting),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
