//! What Redis replies: values, and errors.
use bytes::Bytes;
use deferreds::Failure;
use redis_protocol::resp2::types::BytesFrame;
use std::{error::Error, fmt};

/// What a command was replied with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing is there.
    Nil,
    /// One word, such as `OK`.
    Status(String),
    /// A number.
    Integer(i64),
    /// Bytes; Redis does not know whether they are text.
    Bytes(Bytes),
    /// Several.
    Array(Vec<Value>),
    /// One of several has failed. Alone, it is the failure of the command.
    Error(RedisError),
}

impl Value {
    pub(crate) fn read(frame: BytesFrame) -> Value {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match frame {
            BytesFrame::Null => Value::Nil,
            BytesFrame::SimpleString(bytes) => Value::Status(text(&bytes)),
            BytesFrame::Integer(number) => Value::Integer(number),
            BytesFrame::BulkString(bytes) => Value::Bytes(bytes),
            BytesFrame::Array(values) => {
                Value::Array(values.into_iter().map(Value::read).collect())
            }
            BytesFrame::Error(message) => Value::Error(RedisError(message.to_string())),
        }
    }

    /// Returns the bytes, or `None` for nil.
    ///
    /// # Errors
    /// [`ValueError`] when it is neither.
    pub fn into_bytes(self) -> Result<Option<Bytes>, ValueError> {
        match self {
            Value::Nil => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            other => Err(ValueError::of("bytes", &other)),
        }
    }

    /// Returns the number.
    ///
    /// # Errors
    /// [`ValueError`] when it is none.
    pub fn into_integer(self) -> Result<i64, ValueError> {
        match self {
            Value::Integer(number) => Ok(number),
            other => Err(ValueError::of("an integer", &other)),
        }
    }

    /// Returns the values, none for nil.
    ///
    /// # Errors
    /// [`ValueError`] when it is something else.
    pub fn into_array(self) -> Result<Vec<Value>, ValueError> {
        match self {
            Value::Nil => Ok(Vec::new()),
            Value::Array(values) => Ok(values),
            other => Err(ValueError::of("an array", &other)),
        }
    }

    /// Returns the text, or `None` for nil.
    ///
    /// # Errors
    /// [`ValueError`] when it is neither text nor nil.
    pub fn into_text(self) -> Result<Option<String>, ValueError> {
        match self {
            Value::Status(word) => Ok(Some(word)),
            other => match other.into_bytes()? {
                None => Ok(None),
                Some(bytes) => String::from_utf8(bytes.to_vec())
                    .map(Some)
                    .map_err(|_| ValueError("bytes that are no UTF-8, not text".to_owned())),
            },
        }
    }

    /// Returns the reply of a command: an error is its failure.
    pub(crate) fn into_result(self) -> Result<Value, Failure> {
        match self {
            Value::Error(error) => Err(error.into()),
            value => Ok(value),
        }
    }
}

/// Redis refused. Its first [word](RedisError::code) is what a program decides by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisError(pub(crate) String);

impl RedisError {
    /// Returns the first word: `WRONGTYPE`, `NOAUTH`, `ERR` for most.
    #[must_use]
    pub fn code(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }
}

impl fmt::Display for RedisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redis: {}", self.0)
    }
}

impl Error for RedisError {}

/// A reply is not what the command is documented to reply, or not what you asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError(String);

impl ValueError {
    fn of(wanted: &str, found: &Value) -> ValueError {
        let kind = match found {
            Value::Nil => "nil",
            Value::Status(_) => "a status",
            Value::Integer(_) => "an integer",
            Value::Bytes(_) => "bytes",
            Value::Array(_) => "an array",
            Value::Error(_) => "an error",
        };
        ValueError(format!("{kind}, not {wanted}"))
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redis replied with {}", self.0)
    }
}

impl Error for ValueError {}
