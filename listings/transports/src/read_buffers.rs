//! The buffers that all connections of a reactor read into, one after the other.
use std::cell::Cell;

/// The most bytes of one read, and so of one `data_received`.
pub(crate) const READ: usize = 64 * 1024;

/// Longer than any datagram of a Unix socket, with the usual limits of Linux and macOS.
const UNIX_DATAGRAM: usize = 256 * 1024;

/// One set for each reactor: a connection that is idle needs no buffer of its own.
#[derive(Default)]
pub(crate) struct ReadBuffers {
    buffer: Cell<Vec<u8>>,
    /// Allocated when the first Unix datagram socket needs it.
    unix: Cell<Vec<u8>>,
}

impl ReadBuffers {
    /// Lends the buffer. A second one that is asked for meanwhile is new, and is not kept.
    pub(crate) fn take_buffer(&self) -> Vec<u8> {
        let buffer = self.buffer.take();
        if buffer.is_empty() {
            return vec![0; READ];
        }
        buffer
    }

    pub(crate) fn return_buffer(&self, buffer: Vec<u8>) {
        self.buffer.set(buffer);
    }

    /// Lends a buffer for the longest datagram: UDP's fit into the usual buffer, those of Unix sockets
    /// do not.
    pub(crate) fn take_datagram_buffer(&self, is_unix: bool) -> Vec<u8> {
        if !is_unix {
            return self.take_buffer();
        }
        let buffer = self.unix.take();
        if buffer.is_empty() {
            return vec![0; UNIX_DATAGRAM];
        }
        buffer
    }

    pub(crate) fn return_datagram_buffer(&self, buffer: Vec<u8>, is_unix: bool) {
        match is_unix {
            true => self.unix.set(buffer),
            false => self.return_buffer(buffer),
        }
    }
}
