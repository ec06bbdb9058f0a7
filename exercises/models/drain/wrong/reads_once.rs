//! Wrong: one read for each time it is called.
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
    match socket.read(&mut buffer) {
        Ok(0) => Ok(Progress::Finished),
        Ok(n) => {
            poem.extend_from_slice(&buffer[..n]);
            Ok(Progress::Waiting)
        }
        Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(Progress::Waiting),
        Err(e) if e.kind() == ErrorKind::Interrupted => read_what_is_there(socket, poem),
        Err(e) => Err(e),
    }
}
