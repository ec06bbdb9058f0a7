//! RESP, the framing that Redis speaks: values with a type, a length where they need one, nested.
use crate::{FrameError, Framing, RespValue, unread::Unread};

/// Cuts a stream into RESP values, version 2.
///
/// Two limits hold. One is for the whole value, in bytes as they are sent, so a `$` or `*` that
/// announces more fails at that digit. The other is for arrays inside arrays: each level costs the
/// reader a place on a stack, and the sender four bytes.
///
/// No value is examined twice: what has come of an array is kept on that stack, also between two
/// pieces.
///
/// ```
/// use protocols::{FrameError, Framing, Resp, RespValue};
///
/// let mut values = Resp::new(1000, 4);
/// values.feed(b"*2\r\n$3\r\nGET\r\n$4\r\nho");
/// assert_eq!(values.next_message(), Ok(None)); // not yet
/// values.feed(b"pe\r\n$1001");
/// assert_eq!(values.next_message(), Ok(Some(RespValue::command(["GET", "hope"]))));
/// assert_eq!(values.next_message(), Err(FrameError::TooLong(1000))); // the value need not come
/// ```
///
/// Source: [the Redis serialization
/// protocol](https://redis.io/docs/latest/develop/reference/protocol-spec/).
#[derive(Clone, Debug)]
pub struct Resp {
    unread: Unread,
    limit: usize,
    deepest: usize,
    inline: bool,
    /// The arrays that are not whole yet, the outermost first.
    open: Vec<OpenArray>,
    /// How many bytes of the value that is not whole yet have been taken.
    taken: usize,
    /// How much of an unread line was searched already.
    searched: usize,
}

/// An array of which so many values are still to come.
#[derive(Clone, Debug)]
struct OpenArray {
    left: usize,
    values: Vec<RespValue>,
}

/// The shortest value is `+\r\n`.
const SHORTEST: usize = 3;

/// No number of 64 bits has more characters than this.
const DIGITS: usize = 20;

impl Resp {
    /// Values of at most `limit` bytes as they are sent, with at most `deepest` arrays inside one
    /// another.
    #[must_use]
    pub fn new(limit: usize, deepest: usize) -> Resp {
        Resp {
            unread: Unread::default(),
            limit,
            deepest,
            inline: false,
            open: Vec::new(),
            taken: 0,
            searched: 0,
        }
    }

    /// Returns one for a server: what begins with no type is a command in a line of its own, such
    /// as `PING` typed into `nc`. It becomes an array of its words. Empty lines are skipped.
    ///
    /// ```
    /// use protocols::{Framing, Resp, RespValue};
    ///
    /// let mut commands = Resp::commands(1000, 1);
    /// commands.feed(b"\r\nGET hope\n");
    /// assert_eq!(commands.next_message(), Ok(Some(RespValue::command(["GET", "hope"]))));
    /// ```
    #[must_use]
    pub fn commands(limit: usize, deepest: usize) -> Resp {
        Resp {
            inline: true,
            ..Resp::new(limit, deepest)
        }
    }

    /// Returns how many bytes the value at hand may still have.
    fn left(&self) -> usize {
        self.limit.saturating_sub(self.taken)
    }

    /// Returns where the line at the front ends, without its end, from the byte after its type.
    fn line(&mut self) -> Result<Option<usize>, FrameError> {
        let left = self.left();
        let unread = self.unread.unread();
        // Not from the front: else one byte at a time would cost the square of their number.
        for at in self.searched.max(1)..unread.len() {
            if unread[at] == b'\r' {
                if at + 2 > left {
                    return Err(FrameError::TooLong(self.limit));
                }
                match unread.get(at + 1) {
                    None => {
                        self.searched = at;
                        return Ok(None);
                    }
                    Some(b'\n') => return Ok(Some(at)),
                    Some(_) => return Err(FrameError::NoLineEnd),
                }
            }
            if at + SHORTEST > left {
                return Err(FrameError::TooLong(self.limit));
            }
        }
        self.searched = unread.len();
        Ok(None)
    }

    /// Returns the number at the front, at most `most`, and where what follows it begins. A number
    /// has one spelling.
    fn number(&self, most: i64) -> Result<Option<(i64, usize)>, FrameError> {
        let unread = self.unread.unread();
        let mut number: i64 = 0;
        let mut digits = 0;
        let negative = unread.get(1) == Some(&b'-');
        let first = if negative { 2 } else { 1 };
        for (at, byte) in unread.iter().enumerate().skip(first) {
            match byte {
                b'0'..=b'9' if digits < DIGITS && !(digits == 1 && number == 0) => {
                    digits += 1;
                    let digit = i64::from(byte - b'0');
                    let next = number.checked_mul(10).and_then(|ten| match negative {
                        true => ten.checked_sub(digit),
                        false => ten.checked_add(digit),
                    });
                    number = next.ok_or(FrameError::NoNumber)?;
                    // At this digit, not at the end: the peer may never send one.
                    if number > most {
                        return Err(FrameError::TooLong(self.limit));
                    }
                }
                b'\r' if digits > 0 && !(negative && number == 0) => {
                    return match unread.get(at + 1) {
                        None => Ok(None),
                        Some(b'\n') if at + 2 > self.left() => Err(FrameError::TooLong(self.limit)),
                        Some(b'\n') => Ok(Some((number, at + 2))),
                        Some(_) => Err(FrameError::NoLineEnd),
                    };
                }
                _ => return Err(FrameError::NoNumber),
            }
        }
        Ok(None)
    }

    /// Returns the length at the front, and where what follows it begins. A length of -1 says that
    /// there is nothing, and is `None`.
    fn length(&self, most: usize) -> Result<Option<(Option<usize>, usize)>, FrameError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        Ok(match self.number(most)? {
            None => None,
            Some((-1, after)) => Some((None, after)),
            Some((length, after)) => {
                let length = usize::try_from(length).map_err(|_| FrameError::NoNumber)?;
                Some((Some(length), after))
            }
        })
    }

    /// Moves over so many bytes of the value.
    fn take(&mut self, count: usize) {
        self.unread.skip(count);
        self.taken += count;
        self.searched = 0;
    }

    /// Takes the text of the line at the front.
    fn text(&mut self) -> Result<Option<String>, FrameError> {
        let Some(end) = self.line()? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&self.unread.unread()[1..end]).into_owned();
        self.take(end + 2);
        Ok(Some(text))
    }

    // ANCHOR: bulk
    /// Takes bytes after their length, which is checked before they have come.
    fn bulk(&mut self) -> Result<Option<RespValue>, FrameError> {
        let Some((length, begin)) = self.length(self.left())? else {
            return Ok(None);
        };
        let Some(length) = length else {
            self.take(begin);
            return Ok(Some(RespValue::Null));
        };
        let end = begin + length;
        // The length is taken only with its bytes: until they are here, it is read again.
        if end + 2 > self.left() {
            return Err(FrameError::TooLong(self.limit));
        }
        let unread = self.unread.unread();
        match (unread.get(end), unread.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => {}
            (None, _) | (Some(b'\r'), None) => return Ok(None),
            _ => return Err(FrameError::NoLineEnd),
        }
        let bytes = unread[begin..end].to_vec();
        self.take(end + 2);
        Ok(Some(RespValue::Bulk(bytes)))
    }
    // ANCHOR_END: bulk

    // ANCHOR: array
    /// Opens an array, unless it is empty: its values come next.
    fn array(&mut self) -> Result<Option<Parsed>, FrameError> {
        let Some((length, begin)) = self.length(self.left() / SHORTEST)? else {
            return Ok(None);
        };
        let whole = match length {
            None => Some(RespValue::NullArray),
            Some(0) => Some(RespValue::Array(Vec::new())),
            Some(_) => None,
        };
        if let Some(value) = whole {
            self.take(begin);
            return Ok(Some(Parsed::Value(value)));
        }
        let left = length.unwrap_or(0);
        // However short they are, so many values would be too long: none is waited for.
        if begin + left * SHORTEST > self.left() {
            return Err(FrameError::TooLong(self.limit));
        }
        if self.open.len() == self.deepest {
            return Err(FrameError::TooDeep(self.deepest));
        }
        self.take(begin);
        let values = Vec::new(); // its length is a promise: nothing is allocated for it
        self.open.push(OpenArray { left, values });
        Ok(Some(Parsed::Nothing))
    }
    // ANCHOR_END: array

    /// Takes a line of words, or nothing when it is empty.
    fn words(&mut self) -> Result<Option<Parsed>, FrameError> {
        let left = self.left();
        let unread = self.unread.unread();
        // From where the last search ended, for the reason that `line` has.
        let found = unread[self.searched..].iter().position(|b| *b == b'\n');
        let end = found.map(|at| self.searched + at);
        if end.unwrap_or(unread.len()) + 1 > left {
            return Err(FrameError::TooLong(self.limit));
        }
        let Some(end) = end else {
            self.searched = unread.len();
            return Ok(None);
        };
        let words: Vec<RespValue> = unread[..end]
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
            .map(|word| RespValue::Bulk(word.to_vec()))
            .collect();
        self.take(end + 1);
        // An empty line is no message, so it must not count for the next one.
        if words.is_empty() {
            self.taken = 0;
            return Ok(Some(Parsed::Nothing));
        }
        Ok(Some(Parsed::Value(RespValue::Array(words))))
    }

    /// Takes one value that is no array, or the beginning of an array.
    fn next_part(&mut self) -> Result<Option<Parsed>, FrameError> {
        let Some(first) = self.unread.unread().first().copied() else {
            return Ok(None);
        };
        let value = match first {
            b'+' => self.text()?.map(RespValue::Simple),
            b'-' => self.text()?.map(RespValue::Error),
            b':' => self.number(i64::MAX)?.map(|(number, after)| {
                self.take(after);
                RespValue::Integer(number)
            }),
            b'$' => self.bulk()?,
            b'*' => return self.array(),
            _ if self.inline && self.open.is_empty() => return self.words(),
            other => return Err(FrameError::NoType(other)),
        };
        Ok(value.map(Parsed::Value))
    }

    fn message(&mut self) -> Result<Option<RespValue>, FrameError> {
        loop {
            let mut value = match self.next_part()? {
                None => return Ok(None),
                Some(Parsed::Nothing) => continue,
                Some(Parsed::Value(value)) => value,
            };
            // Put it where it belongs; that may have been the last one of several arrays.
            loop {
                let Some(open) = self.open.last_mut() else {
                    self.taken = 0;
                    return Ok(Some(value));
                };
                open.values.push(value);
                open.left -= 1;
                if open.left > 0 {
                    break;
                }
                value = RespValue::Array(std::mem::take(&mut open.values));
                self.open.pop();
            }
        }
    }
}

/// What was found at the front: a value, or nothing that is one by itself.
enum Parsed {
    Value(RespValue),
    Nothing,
}

impl Framing for Resp {
    type Message = RespValue;

    fn feed(&mut self, bytes: &[u8]) {
        self.unread.feed(bytes);
    }

    fn next_message(&mut self) -> Result<Option<RespValue>, FrameError> {
        self.unread.intact()?;
        self.message().inspect_err(|error| {
            self.unread.fail(*error);
            self.open.clear();
            self.taken = 0;
            self.searched = 0;
        })
    }

    fn left_over(&self) -> usize {
        self.taken + self.unread.len()
    }

    fn take_rest(&mut self) -> Vec<u8> {
        self.searched = 0;
        self.unread.take()
    }
}
