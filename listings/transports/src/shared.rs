//! What all connections of a reactor share: the buffer that they read into.
use std::cell::Cell;

/// The most bytes of one read, and so of one `data_received`.
pub(crate) const READ: usize = 64 * 1024;

/// One for each reactor.
#[derive(Default)]
pub(crate) struct Shared {
    buffer: Cell<Vec<u8>>,
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
}
