//! Wrong: written as for a blocking socket.
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
        let n = match socket.read(&mut buffer) {
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            answer => answer?,
        };
        if n == 0 {
            return Ok(Progress::Finished);
        }
        poem.extend_from_slice(&buffer[..n]);
    }
}
