//! A value of RESP, and how it is written.

/// What a [`Resp`](crate::Resp) stream consists of.
///
/// ```
/// use protocols::RespValue;
///
/// assert_eq!(RespValue::Bulk(b"hope".to_vec()).written(), b"$4\r\nhope\r\n");
/// assert_eq!(RespValue::command(["GET", "hope"]).written(), b"*2\r\n$3\r\nGET\r\n$4\r\nhope\r\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RespValue {
    /// A short text in one line, such as `OK`.
    Simple(String),
    /// What went wrong, in one line; its first word is a code.
    Error(String),
    /// A number.
    Integer(i64),
    /// Any bytes.
    Bulk(Vec<u8>),
    /// No bytes: what `GET` answers for a key that is not there.
    Null,
    /// No array: what `EXEC` answers when nothing was done.
    NullArray,
    /// Values in a row.
    Array(Vec<RespValue>),
}

impl RespValue {
    /// Returns a command, as a client sends it: an array of bulks.
    pub fn command<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> RespValue {
        let bulk = |word: W| RespValue::Bulk(word.as_ref().to_vec());
        RespValue::Array(words.into_iter().map(bulk).collect())
    }

    /// Returns the value as it is sent.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes);
        bytes
    }

    /// Adds the value, as it is sent, to these bytes.
    ///
    /// A line end inside a [`Simple`](RespValue::Simple) or an [`Error`](RespValue::Error) becomes
    /// a space. Otherwise a client could put a line of its own into an answer, by asking for an
    /// unknown command whose name holds one.
    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        match self {
            RespValue::Simple(text) => line(b'+', text, bytes),
            RespValue::Error(text) => line(b'-', text, bytes),
            RespValue::Integer(number) => line(b':', &number.to_string(), bytes),
            RespValue::Bulk(content) => {
                line(b'$', &content.len().to_string(), bytes);
                bytes.extend_from_slice(content);
                bytes.extend_from_slice(b"\r\n");
            }
            RespValue::Null => bytes.extend_from_slice(b"$-1\r\n"),
            RespValue::NullArray => bytes.extend_from_slice(b"*-1\r\n"),
            RespValue::Array(values) => {
                line(b'*', &values.len().to_string(), bytes);
                for value in values {
                    value.write_to(bytes);
                }
            }
        }
    }
}

fn line(kind: u8, text: &str, bytes: &mut Vec<u8>) {
    bytes.push(kind);
    let safe = |byte: u8| {
        if matches!(byte, b'\r' | b'\n') {
            b' '
        } else {
            byte
        }
    };
    bytes.extend(text.bytes().map(safe));
    bytes.extend_from_slice(b"\r\n");
}
