//! Wrong: spins on zero.
use std::io::{self, ErrorKind, Write};

/// Bytes that wait for room in a socket.
#[derive(Default)]
pub struct WriteBuffer {
    kept: Vec<u8>,
}

impl WriteBuffer {
    /// Keeps the bytes, behind those that are kept already.
    pub fn write(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
    }

    /// How many bytes are kept.
    pub fn waiting(&self) -> usize {
        self.kept.len()
    }

    /// Sends what the socket takes, and returns whether that was everything.
    pub fn flush(&mut self, socket: &mut impl Write) -> io::Result<bool> {
        while !self.kept.is_empty() {
            match socket.write(&self.kept) {
                Ok(count) => {
                    self.kept.drain(..count);
                    return Ok(self.kept.is_empty());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}
