//! A length of one, two or four bytes before each message.
use crate::{FrameError, Framing, unread::Unread};

/// How long a length is; it stands in network order, the highest byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// One byte, for messages of at most 255.
    One,
    /// Two bytes, for messages of at most 65,535.
    Two,
    /// Four bytes, for messages of at most 4,294,967,295.
    Four,
}

impl Prefix {
    /// Returns how many bytes the length has.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Prefix::One => 1,
            Prefix::Two => 2,
            Prefix::Four => 4,
        }
    }

    /// Returns the longest message that such a length can announce.
    #[must_use]
    pub const fn most(self) -> u64 {
        (1 << (8 * self.size())) - 1
    }
}

/// Cuts a stream into messages that each have their length before them.
///
/// The length is a promise of the peer's, so nothing is allocated for it: memory grows with what
/// really comes, and a promise over the limit fails at once.
///
/// ```
/// use protocols::{FrameError, Framing, Prefix, Prefixed};
///
/// let mut messages = Prefixed::new(Prefix::Two, 1000);
/// messages.feed(b"\x00\x04hope\xff\xff");
/// assert_eq!(messages.next_message(), Ok(Some(b"hope".to_vec())));
/// assert_eq!(messages.next_message(), Err(FrameError::TooLong(1000)));
/// assert_eq!(messages.written(b"wind"), Ok(b"\x00\x04wind".to_vec()));
/// ```
///
/// Source:
/// [`Int16StringReceiver`](https://docs.twisted.org/en/stable/api/twisted.protocols.basic.Int16StringReceiver.html).
#[derive(Clone, Debug)]
pub struct Prefixed {
    unread: Unread,
    prefix: Prefix,
    limit: usize,
}

impl Prefixed {
    /// Messages of at most `limit` bytes, and never more than the prefix can say.
    #[must_use]
    pub fn new(prefix: Prefix, limit: usize) -> Prefixed {
        let most = usize::try_from(prefix.most()).unwrap_or(usize::MAX);
        Prefixed {
            unread: Unread::default(),
            prefix,
            limit: limit.min(most),
        }
    }

    /// Returns a message as it is sent.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when it is longer than the limit: the peer would hang up on it.
    pub fn written(&self, message: &[u8]) -> Result<Vec<u8>, FrameError> {
        if message.len() > self.limit {
            return Err(FrameError::TooLong(self.limit));
        }
        let length = (message.len() as u64).to_be_bytes();
        let mut bytes = length[length.len() - self.prefix.size()..].to_vec();
        bytes.extend_from_slice(message);
        Ok(bytes)
    }
}

impl Framing for Prefixed {
    type Message = Vec<u8>;

    fn feed(&mut self, bytes: &[u8]) {
        self.unread.feed(bytes);
    }

    fn next_message(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        self.unread.intact()?;
        let unread = self.unread.unread();
        let size = self.prefix.size();
        let Some(length) = unread.get(..size) else {
            return Ok(None);
        };
        // Looked at before the message has come: what is too long is never kept.
        let length = length
            .iter()
            .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        if length > self.limit {
            return Err(self.unread.fail(FrameError::TooLong(self.limit)));
        }
        let Some(message) = unread.get(size..size + length) else {
            return Ok(None);
        };
        let message = message.to_vec();
        self.unread.skip(size + length);
        Ok(Some(message))
    }

    fn left_over(&self) -> usize {
        self.unread.len()
    }

    fn take_rest(&mut self) -> Vec<u8> {
        self.unread.take()
    }
}
