//! Netstrings: a length in digits, a colon, the bytes, a comma.
use crate::{FrameError, Framing, unread::Unread};

/// Cuts a stream into netstrings: `4:hope,`.
///
/// The length is checked digit by digit, so a length that is too long, or that is none, fails
/// before its message comes. A leading zero is refused, because then every message has one spelling
/// only.
///
/// ```
/// use protocols::{FrameError, Framing, Netstrings};
///
/// let mut netstrings = Netstrings::new(80);
/// netstrings.feed(b"0:,81");
/// assert_eq!(netstrings.next_message(), Ok(Some(Vec::new())));
/// assert_eq!(netstrings.next_message(), Err(FrameError::TooLong(80))); // the colon need not come
/// assert_eq!(Netstrings::written(b"hope"), b"4:hope,");
/// ```
///
/// Source: [Netstrings](https://cr.yp.to/proto/netstrings.txt), D. J. Bernstein, 1997.
#[derive(Clone, Debug)]
pub struct Netstrings {
    unread: Unread,
    limit: usize,
}

impl Netstrings {
    /// Messages of at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Netstrings {
        Netstrings {
            unread: Unread::default(),
            limit,
        }
    }

    /// Returns a message as it is sent.
    #[must_use]
    pub fn written(message: &[u8]) -> Vec<u8> {
        let mut bytes = format!("{}:", message.len()).into_bytes();
        bytes.extend_from_slice(message);
        bytes.push(b',');
        bytes
    }

    /// Returns the length and where the message begins, or `None` when the colon is still to come.
    fn head(&self) -> Result<Option<(usize, usize)>, FrameError> {
        let mut length = 0_usize;
        for (at, byte) in self.unread.unread().iter().enumerate() {
            match byte {
                b':' if at > 0 => return Ok(Some((length, at + 1))),
                b'0'..=b'9' if at == 0 || length > 0 => {
                    length = length
                        .saturating_mul(10)
                        .saturating_add(usize::from(byte - b'0'));
                    if length > self.limit {
                        return Err(FrameError::TooLong(self.limit));
                    }
                }
                _ => return Err(FrameError::NoLength),
            }
        }
        Ok(None)
    }

    fn message(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let Some((length, begin)) = self.head()? else {
            return Ok(None);
        };
        let end = begin + length;
        let unread = self.unread.unread();
        match unread.get(end) {
            None => Ok(None),
            Some(b',') => {
                let message = unread[begin..end].to_vec();
                self.unread.skip(end + 1);
                Ok(Some(message))
            }
            Some(_) => Err(FrameError::NoComma),
        }
    }
}

impl Framing for Netstrings {
    type Message = Vec<u8>;

    fn feed(&mut self, bytes: &[u8]) {
        self.unread.feed(bytes);
    }

    fn next_message(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        self.unread.intact()?;
        self.message().map_err(|error| self.unread.fail(error))
    }

    fn left_over(&self) -> usize {
        self.unread.len()
    }

    fn take_rest(&mut self) -> Vec<u8> {
        self.unread.take()
    }
}
