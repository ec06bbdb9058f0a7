//! A framing of your own, a length in digits and so many bytes: it calculates without looking.
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

    /// Returns the length of the first message and where it begins, as soon as its line feed is there.
    fn length(&self) -> Result<Option<(usize, usize)>, FrameError> {
        let mut length: Option<usize> = None;
        for (at, &byte) in self.unread.iter().enumerate() {
            length = match (length, byte) {
                (Some(length), b'\n') => return Ok(Some((length, at + 1))),
                (Some(0), _) => return Err(FrameError::NoLength), // nothing follows a 0 in front
                (before, b'0'..=b'9') => Some(before.unwrap_or(0) * 10 + usize::from(byte - b'0')),
                _ => return Err(FrameError::NoLength),
            };
            if length.is_none_or(|length| length > self.limit) {
                return Err(FrameError::TooLong(self.limit));
            }
        }
        Ok(None)
    }

    fn message(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let Some((length, begin)) = self.length()? else {
            return Ok(None);
        };
        if self.unread.len() - begin < length {
            return Ok(None);
        }
        let message = self.unread[begin..begin + length].to_vec();
        self.unread.drain(..begin + length);
        Ok(Some(message))
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
        if let Some(error) = self.broken {
            return Err(error);
        }
        self.message().inspect_err(|error| {
            self.broken = Some(*error);
            self.unread = Vec::new();
        })
    }

    fn left_over(&self) -> usize {
        self.unread.len()
    }

    fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.unread)
    }
}
