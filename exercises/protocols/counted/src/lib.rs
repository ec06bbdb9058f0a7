//! A framing of your own, a length in digits and so many bytes: you write it.
use untwisted::protocols::{FrameError, Framing};

/// Cuts a stream into messages, each after its length in digits and a line feed.
pub struct Counted {
    limit: usize,
    unread: Vec<u8>,
    broken: Option<FrameError>,
}

impl Counted {
    /// Messages of at most `limit` bytes.
    pub fn new(limit: usize) -> Counted {
        Counted {
            limit,
            unread: Vec::new(),
            broken: None,
        }
    }
}

impl Framing for Counted {
    type Message = Vec<u8>;

    fn feed(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            self.unread.extend_from_slice(bytes);
        }
    }

    fn next_message(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        todo!("the next message, when it is whole")
    }

    fn left_over(&self) -> usize {
        self.unread.len()
    }

    fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.unread)
    }
}
