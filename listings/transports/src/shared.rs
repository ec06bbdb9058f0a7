//! What all connections of a reactor share: the buffer that they read into.
use std::cell::Cell;

/// The most bytes of one read, and so of one `data_received`.
pub(crate) const READ: usize = 64 * 1024;

/// Longer than any datagram of a Unix socket, with the usual limits of Linux and macOS.
const UNIX_DATAGRAM: usize = 256 * 1024;

/// One for each reactor.
#[derive(Default)]
pub(crate) struct Shared {
    buffer: Cell<Vec<u8>>,
    /// There once a Unix datagram socket needed it.
    unix: Cell<Vec<u8>>,
}

impl Shared {
    /// The buffer. While it is out there is another one, which is not kept.
    pub(crate) fn take_buffer(&self) -> Vec<u8> {
        let buffer = self.buffer.take();
        if buffer.is_empty() {
            return vec![0; READ];
        }
        buffer
    }

    pub(crate) fn give_buffer(&self, buffer: Vec<u8>) {
        self.buffer.set(buffer);
    }

    /// One that holds the longest datagram: UDP's fit into the usual buffer, those of Unix sockets do not.
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

    pub(crate) fn give_datagram_buffer(&self, buffer: Vec<u8>, is_unix: bool) {
        match is_unix {
            true => self.unix.set(buffer),
            false => self.give_buffer(buffer),
        }
    }
}
