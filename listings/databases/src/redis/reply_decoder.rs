//! Redis's protocol without a socket: bytes go in, replies come out.
use super::Value;
use bytes::{Bytes, BytesMut};
use redis_protocol::resp2::{decode::decode_bytes_mut, encode::extend_encode, types::BytesFrame};
use std::{error::Error, fmt};

/// The longest reply that is taken: 64 MiB.
const MAX_BYTES: usize = 64 << 20;

/// The most arrays inside each other. The decoder calls itself for each, and the stack has an end.
const MAX_DEPTH: usize = 16;

/// The most values of one reply: each takes more memory than bytes.
const MAX_VALUES: usize = 1 << 20;

/// The server sent what the protocol does not allow, or more than this side keeps. The connection
/// ends with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyError(pub(crate) String);

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not Redis's protocol: {}", self.0)
    }
}

impl Error for ReplyError {}

/// What has come and is not used yet.
///
/// The decoder begins at the beginning each time, believes every length and calls itself. So a scan
/// looks for the end of a reply first; it goes on where it stopped and has limits.
#[derive(Default)]
pub(crate) struct ReplyDecoder {
    unread: BytesMut,
    /// How far the scan is.
    at: usize,
    /// How many bytes after that are known to hold no end of a line.
    scanned: usize,
    /// How many values are to come, on each level.
    remaining: Vec<usize>,
    /// How many have come of this reply.
    values: usize,
}

impl ReplyDecoder {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    /// Returns the next reply, or `None` until more bytes have come.
    pub(crate) fn next_reply(&mut self) -> Result<Option<Value>, ReplyError> {
        if !self.is_whole()? {
            if self.unread.len() > MAX_BYTES {
                return Err(ReplyError(format!(
                    "a reply of more than {MAX_BYTES} bytes"
                )));
            }
            return Ok(None);
        }
        let mut whole = self.unread.split_to(self.at);
        (self.at, self.values) = (0, 0);
        let frame = decode_bytes_mut(&mut whole).map_err(|error| ReplyError(error.to_string()))?;
        match frame {
            Some((frame, _, _)) => Ok(Some(Value::read(frame))),
            None => Err(ReplyError("a reply that does not end".to_owned())),
        }
    }

    /// Whether a whole reply is there; it ends at `at`.
    fn is_whole(&mut self) -> Result<bool, ReplyError> {
        loop {
            let Some(value) = self.pass_value()? else {
                return Ok(false);
            };
            self.values += 1;
            if self.values > MAX_VALUES {
                return Err(ReplyError(format!(
                    "a reply of more than {MAX_VALUES} values"
                )));
            }
            if let Some(inside) = value {
                if self.remaining.len() == MAX_DEPTH {
                    return Err(ReplyError(format!(
                        "more than {MAX_DEPTH} arrays inside each other"
                    )));
                }
                self.remaining.push(inside);
            }
            // A value is there; so are all arrays that it was the last of.
            loop {
                match self.remaining.last_mut() {
                    None => return Ok(true),
                    Some(0) => drop(self.remaining.pop()),
                    Some(left) => {
                        *left -= 1;
                        break;
                    }
                }
            }
        }
    }

    /// Passes one value. `Some(Some(n))` is the head of an array of `n`, `None` means that its end
    /// is not there yet.
    #[expect(clippy::option_option, reason = "not there yet; there, and no array")]
    fn pass_value(&mut self) -> Result<Option<Option<usize>>, ReplyError> {
        let rest = &self.unread[self.at..];
        // Not looked at twice: a server that sends byte by byte would cost the square of its bytes.
        let mut new = rest.iter().take(MAX_LINE).skip(self.scanned);
        let Some(end) = new.position(|byte| *byte == b'\n') else {
            self.scanned = rest.len();
            if rest.len() >= MAX_LINE {
                return Err(ReplyError(format!("a line of more than {MAX_LINE} bytes")));
            }
            return Ok(None);
        };
        let end = self.scanned + end;
        let line = &rest[..end];
        let Some((kind, line)) = line.split_first() else {
            return Err(ReplyError("an empty line".to_owned()));
        };
        let Some(line) = line.strip_suffix(b"\r") else {
            return Err(ReplyError("a line that does not end with CRLF".to_owned()));
        };
        match kind {
            b'+' | b'-' | b':' => {
                self.scanned = 0;
                self.at += end + 1;
                Ok(Some(None))
            }
            b'$' => {
                let length = length(line)?.map_or(0, |length| length + 2);
                if length > MAX_BYTES {
                    return Err(ReplyError(format!("a value of {length} bytes")));
                }
                // Counted, not searched: the bytes of a value may hold any end of a line.
                if rest.len() < end + 1 + length {
                    self.scanned = end;
                    return Ok(None);
                }
                self.scanned = 0;
                self.at += end + 1 + length;
                Ok(Some(None))
            }
            b'*' => {
                self.scanned = 0;
                self.at += end + 1;
                Ok(Some(length(line)?))
            }
            kind => Err(ReplyError(format!("a reply that begins with byte {kind}"))),
        }
    }
}

/// The longest line: of an error, or of a number.
const MAX_LINE: usize = 64 << 10;

/// Returns a length; `None` is -1, which is nil.
fn length(digits: &[u8]) -> Result<Option<usize>, ReplyError> {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    if text == "-1" {
        return Ok(None);
    }
    match text.parse::<u32>() {
        Ok(length) if length as usize <= MAX_BYTES => Ok(Some(length as usize)),
        _ => Err(ReplyError(format!(
            "a length of \"{}\"",
            text.escape_debug()
        ))),
    }
}

/// Encodes a command: an array of its words.
pub(crate) fn encode<A: AsRef<[u8]>>(words: &[A], out: &mut BytesMut) -> Result<(), ReplyError> {
    let words = words
        .iter()
        .map(|word| BytesFrame::BulkString(Bytes::copy_from_slice(word.as_ref())));
    let frame = BytesFrame::Array(words.collect());
    extend_encode(out, &frame, false)
        .map(drop)
        .map_err(|error| ReplyError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<Value>, ReplyError> {
        let mut found = Vec::new();
        for chunk in [1, 2, 3, bytes.len().max(1)] {
            let mut replies = ReplyDecoder::default();
            let mut values = Vec::new();
            for piece in bytes.chunks(chunk) {
                replies.feed(piece);
                while let Some(value) = replies.next_reply()? {
                    values.push(value);
                }
            }
            found.push(values);
        }
        let last = found.pop().unwrap();
        assert!(found.iter().all(|values| *values == last), "{found:?}");
        Ok(last)
    }

    #[test]
    fn replies_come_out_however_they_are_cut() {
        let bytes =
            b"+OK\r\n:7\r\n$-1\r\n$3\r\na\r\n\r\n*2\r\n*0\r\n*1\r\n:1\r\n*-1\r\n-ERR no\r\n";
        let values = read(bytes).unwrap();
        let array = Value::Array(vec![
            Value::Array(vec![]),
            Value::Array(vec![Value::Integer(1)]),
        ]);
        assert_eq!(
            values,
            [
                Value::Status("OK".to_owned()),
                Value::Integer(7),
                Value::Nil,
                Value::Bytes(Bytes::from_static(b"a\r\n")),
                array,
                Value::Nil,
                Value::Error(super::super::RedisError("ERR no".to_owned())),
            ]
        );
    }

    #[test]
    fn what_nobody_would_send_is_an_error_and_takes_no_memory() {
        for bytes in [
            &b"$99999999999\r\n"[..],
            b"*4294967295\r\n",
            b"$-2\r\n",
            b"*x\r\n",
            b"?what\r\n",
            b"\n",
            b"+OK\n",
        ] {
            assert!(read(bytes).is_err(), "{}", bytes.escape_ascii());
        }
        assert!(read("*1\r\n".repeat(17).as_bytes()).is_err());
        assert!(read("x".repeat(MAX_LINE).as_bytes()).is_err());
        let deep = "*1\r\n".repeat(16) + ":1\r\n";
        assert_eq!(read(deep.as_bytes()).unwrap().len(), 1);
    }
}
