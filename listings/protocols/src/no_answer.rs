//! Why a question has no answer.
use crate::{Boxes, KeyValues};
use std::{error::Error, fmt};

/// How many questions of one side may be without an answer.
pub(crate) const MOST_OPEN: usize = 1000;

/// What the other side's responder failed with, or what this side's fails with on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteError {
    /// A word for programs, such as `UNHANDLED`: no such command.
    pub code: String,
    /// A sentence for people.
    pub description: String,
}

impl RemoteError {
    /// Returns an error with this code and this description.
    #[must_use]
    pub fn new(code: &str, description: &str) -> RemoteError {
        let (code, description) = (code.to_owned(), description.to_owned());
        RemoteError { code, description }
    }

    pub(crate) fn from_box(message: &KeyValues) -> RemoteError {
        let text = |key: &[u8]| {
            let text = message.get(key).map_or(&[][..], Vec::as_slice);
            String::from_utf8_lossy(text).into_owned()
        };
        RemoteError {
            code: text(b"_error_code"),
            description: text(b"_error_description"),
        }
    }

    pub(crate) fn written(&self, tag: &[u8]) -> Vec<u8> {
        let short = |text: &str| text.as_bytes()[..text.len().min(1000)].to_vec();
        let values = KeyValues::from([
            (b"_error".to_vec(), tag.to_vec()),
            (b"_error_code".to_vec(), short(&self.code)),
            (b"_error_description".to_vec(), short(&self.description)),
        ]);
        Boxes::written(&values).unwrap_or_default() // the tag came in a box, so it fits into one
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the other side says {}: {}", self.code, self.description)
    }
}

impl Error for RemoteError {}

/// The connection ended before the answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection ended before the answer came")
    }
}

impl Error for NoAnswer {}

/// So many questions are open on this connection that it takes no other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{MOST_OPEN} questions on this connection have no answer yet"
        )
    }
}

impl Error for TooMany {}

/// A box has come that asks nothing, or answers no question of this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoQuestion;

impl fmt::Display for NoQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the peer's box asks nothing, or answers what nobody asked")
    }
}

impl Error for NoQuestion {}
