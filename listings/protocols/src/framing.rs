//! The contract of a framing: bytes in, messages out, nothing else.
use std::{error::Error, fmt};

/// Puts messages together out of a stream of bytes that may be cut anywhere.
///
/// Pull, not push: the code that feeds also asks for the messages, in a loop. So no callback runs
/// inside a framing, a message may change what comes next (another framing, say), and the loop can
/// stop in the middle.
///
/// What every framing here promises, and `protocols-lab` tests with random cuts:
///
/// - the messages do not depend on where the bytes were cut;
/// - a message as long as the limit passes, one byte more fails;
/// - what is kept never exceeds the limit and one piece that was fed;
/// - after an error it takes in nothing more, and goes on returning that error;
/// - one byte at a time costs time in proportion to the bytes.
///
/// ```
/// use protocols::{FrameError, Framing, Netstrings};
///
/// /// All messages in these bytes.
/// fn all<F: Framing>(mut framing: F, bytes: &[u8]) -> Result<Vec<F::Message>, FrameError> {
///     framing.feed(bytes);
///     let mut messages = Vec::new();
///     while let Some(message) = framing.next_message()? {
///         messages.push(message);
///     }
///     Ok(messages)
/// }
///
/// assert_eq!(all(Netstrings::new(80), b"4:hope,4:wind,").unwrap(), [b"hope", b"wind"]);
/// ```
pub trait Framing {
    /// What comes out.
    type Message;

    /// Takes in bytes. Nothing is examined yet.
    fn feed(&mut self, bytes: &[u8]);

    /// Returns the next whole message, or `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`FrameError`] when the bytes can be no message, as early as that is certain. There is no
    /// way back into the stream after that: close the connection.
    fn next_message(&mut self) -> Result<Option<Self::Message>, FrameError>;

    /// Returns how many bytes are there that belong to no whole message yet. When the stream ends
    /// and this is not 0, the last message was cut off.
    fn left_over(&self) -> usize;

    /// Takes out what was fed and not used: for the protocol that comes next.
    fn take_rest(&mut self) -> Vec<u8>;
}

/// Why a stream of bytes cannot be cut into messages any more. Typically caused by a peer that
/// speaks another protocol, or by one that means ill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// A message, or the announcement of one, is longer than this limit, in bytes.
    TooLong(usize),
    /// A netstring begins with something that is no length.
    NoLength,
    /// A netstring does not end with a comma.
    NoComma,
    /// A key of a box that is empty, longer than 255 bytes, or there twice.
    BadKey,
    /// A line that was to be sent holds the delimiter.
    HasDelimiter,
    /// A RESP value begins with this byte, which is no type.
    NoType(u8),
    /// A number is none, or does not fit into 64 bits.
    NoNumber,
    /// Something else stands where CR LF must.
    NoLineEnd,
    /// More arrays than this are inside one another.
    TooDeep(usize),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::TooLong(limit) => {
                write!(f, "the peer's message is longer than {limit} bytes")
            }
            FrameError::NoLength => {
                f.write_str("the peer's netstring does not begin with a length")
            }
            FrameError::NoComma => f.write_str("the peer's netstring does not end with a comma"),
            FrameError::BadKey => {
                f.write_str("the peer's box has a key that is empty, too long, or there twice")
            }
            FrameError::HasDelimiter => f.write_str("a line to be sent holds a line end itself"),
            FrameError::NoType(byte) => {
                write!(f, "the peer's value begins with {:?}", char::from(*byte))
            }
            FrameError::NoNumber => f.write_str("the peer's number is none"),
            FrameError::NoLineEnd => f.write_str("the peer's value does not end with CR LF"),
            FrameError::TooDeep(most) => {
                write!(f, "the peer's arrays are more than {most} deep")
            }
        }
    }
}

impl Error for FrameError {}
