//! Boxes of keys and values, as AMP sends them.
use crate::{FrameError, Framing, unread::Unread};
use std::{collections::BTreeMap, error::Error, fmt};

/// What a box holds.
pub type KeyValues = BTreeMap<Vec<u8>, Vec<u8>>;

/// Cuts a stream into boxes: keys of 1 to 255 bytes, values of at most 65,535, each after its
/// length in two bytes; an empty key ends the box.
///
/// A length of a key whose first byte is not 0 is over 255, so the stream fails at that byte and
/// waits for no second one.
///
/// ```
/// use protocols::{Boxes, FrameError, Framing, KeyValues};
///
/// let mut boxes = Boxes::new(1000);
/// let poem = KeyValues::from([(b"name".to_vec(), b"hope".to_vec())]);
/// let bytes = Boxes::written(&poem).unwrap();
/// assert_eq!(bytes, b"\x00\x04name\x00\x04hope\x00\x00");
/// boxes.feed(&bytes);
/// assert_eq!(boxes.next_message(), Ok(Some(poem)));
/// boxes.feed(b"GET / HTTP/1.1\r\n");
/// assert_eq!(boxes.next_message(), Err(FrameError::BadKey));
/// ```
///
/// Source: [AMP](https://amp-protocol.net/), and
/// [`twisted.protocols.amp`](https://docs.twisted.org/en/stable/api/twisted.protocols.amp.html).
#[derive(Clone, Debug)]
pub struct Boxes {
    unread: Unread,
    limit: usize,
    /// The keys and values that have come of the box that is not whole yet.
    open: KeyValues,
    /// How many bytes these took.
    taken: usize,
}

/// The longest key, in bytes.
const KEY: usize = 255;

impl Boxes {
    /// Boxes of at most `limit` bytes, lengths included.
    #[must_use]
    pub fn new(limit: usize) -> Boxes {
        Boxes {
            unread: Unread::default(),
            limit,
            open: KeyValues::new(),
            taken: 0,
        }
    }

    /// Returns a box as it is sent.
    ///
    /// # Errors
    /// [`BoxError`] when a key or value cannot be sent.
    pub fn written(values: &KeyValues) -> Result<Vec<u8>, BoxError> {
        let mut bytes = Vec::new();
        for (key, value) in values {
            if key.is_empty() || key.len() > KEY {
                return Err(BoxError(key.clone(), BadBox::Key));
            }
            let Ok(length) = u16::try_from(value.len()) else {
                return Err(BoxError(key.clone(), BadBox::Value));
            };
            bytes.extend_from_slice(&[0, key.len() as u8]);
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(value);
        }
        bytes.extend_from_slice(&[0, 0]);
        Ok(bytes)
    }

    /// Whether a key and its value may take so many bytes more.
    fn bounded(&self, more: usize) -> Result<(), FrameError> {
        if self.taken + more > self.limit {
            return Err(FrameError::TooLong(self.limit));
        }
        Ok(())
    }

    fn message(&mut self) -> Result<Option<KeyValues>, FrameError> {
        loop {
            let unread = self.unread.unread();
            let (Some(first), second) = (unread.first(), unread.get(1)) else {
                return Ok(None);
            };
            if *first != 0 {
                return Err(FrameError::BadKey);
            }
            let Some(length) = second.map(|length| usize::from(*length)) else {
                return Ok(None);
            };
            if length == 0 {
                self.bounded(2)?;
                self.unread.skip(2);
                self.taken = 0;
                return Ok(Some(std::mem::take(&mut self.open)));
            }
            let value = 2 + length + 2; // where the value begins
            self.bounded(value)?;
            let Some(&[high, low]) = unread.get(value - 2..value) else {
                return Ok(None);
            };
            let end = value + usize::from(u16::from_be_bytes([high, low]));
            self.bounded(end)?;
            if self.open.contains_key(&unread[2..2 + length]) {
                return Err(FrameError::BadKey);
            }
            if unread.len() < end {
                return Ok(None);
            }
            let key = unread[2..2 + length].to_vec();
            let value = unread[value..end].to_vec();
            self.open.insert(key, value);
            self.unread.skip(end);
            self.taken += end;
        }
    }
}

impl Framing for Boxes {
    type Message = KeyValues;

    fn feed(&mut self, bytes: &[u8]) {
        self.unread.feed(bytes);
    }

    fn next_message(&mut self) -> Result<Option<KeyValues>, FrameError> {
        self.unread.intact()?;
        self.message().inspect_err(|error| {
            self.unread.fail(*error);
            self.open.clear();
            self.taken = 0;
        })
    }

    fn left_over(&self) -> usize {
        self.taken + self.unread.len()
    }

    fn take_rest(&mut self) -> Vec<u8> {
        self.unread.take()
    }
}

/// What is wrong with a box that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBox {
    /// A key is empty or longer than 255 bytes.
    Key,
    /// A value is longer than 65,535 bytes.
    Value,
    /// A key begins with `_`, as those do that belong to [`Asker`](crate::Asker) itself.
    Reserved,
}

/// Why a box cannot be sent: the key, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxError(pub Vec<u8>, pub BadBox);

impl fmt::Display for BoxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = String::from_utf8_lossy(&self.0);
        match self.1 {
            BadBox::Key => write!(
                f,
                "the key {key:?} has {} bytes; a key has 1 to 255",
                self.0.len()
            ),
            BadBox::Reserved => write!(f, "the key {key:?} begins with _, which is reserved"),
            BadBox::Value => write!(f, "the value of {key:?} has more than 65,535 bytes"),
        }
    }
}

impl Error for BoxError {}
