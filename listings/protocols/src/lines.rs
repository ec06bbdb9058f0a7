//! Lines: messages that end with a delimiter.
use crate::{FrameError, Framing, unread::Unread};

/// Cuts a stream at a delimiter: CR LF unless said otherwise, as in most line protocols of the
/// internet.
///
/// The limit counts a line without its delimiter. A stream in which no delimiter comes fails as
/// soon as more than that is there, so a peer that never sends one cannot fill memory.
///
/// For what is not lines (a body after a header), [`take_raw`](Lines::take_raw) takes bytes as they
/// are.
///
/// ```
/// use protocols::{FrameError, Framing, Lines};
///
/// let mut lines = Lines::delimited_by(b"\n", 4);
/// lines.feed(b"four\nfives\n");
/// assert_eq!(lines.next_message(), Ok(Some(b"four".to_vec())));
/// assert_eq!(lines.next_message(), Err(FrameError::TooLong(4)));
/// ```
///
/// Source:
/// [`LineReceiver`](https://docs.twisted.org/en/stable/api/twisted.protocols.basic.LineReceiver.html).
#[derive(Clone, Debug)]
pub struct Lines {
    unread: Unread,
    delimiter: Vec<u8>,
    limit: usize,
    /// How much of the unread was searched already: no byte is looked at twice.
    searched: usize,
}

impl Lines {
    /// Lines that end with CR LF and have at most `limit` bytes before it.
    #[must_use]
    pub fn new(limit: usize) -> Lines {
        Lines::delimited_by(b"\r\n", limit)
    }

    /// Lines that end with `delimiter`. An empty delimiter counts as a line feed.
    #[must_use]
    pub fn delimited_by(delimiter: &[u8], limit: usize) -> Lines {
        Lines {
            unread: Unread::default(),
            delimiter: if delimiter.is_empty() {
                b"\n"
            } else {
                delimiter
            }
            .to_vec(),
            limit,
            searched: 0,
        }
    }

    /// Returns a line as it is sent: with its delimiter.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when it is longer than the limit, and [`FrameError::HasDelimiter`]
    /// when the delimiter is in it. Then the other side would read two lines, and the second one
    /// might be a command that an attacker hid in a name.
    ///
    /// ```
    /// use protocols::{FrameError, Lines};
    ///
    /// let lines = Lines::new(80);
    /// assert_eq!(lines.written(b"RSET"), Ok(b"RSET\r\n".to_vec()));
    /// assert_eq!(lines.written(b"HELO me\r\nQUIT"), Err(FrameError::HasDelimiter));
    /// ```
    pub fn written(&self, line: &[u8]) -> Result<Vec<u8>, FrameError> {
        if line.len() > self.limit {
            return Err(FrameError::TooLong(self.limit));
        }
        let bytes = [line, &self.delimiter].concat();
        // Also one that begins in the line and ends in the delimiter.
        if find(&self.delimiter, &bytes) != Some(line.len()) {
            return Err(FrameError::HasDelimiter);
        }
        Ok(bytes)
    }

    /// Takes at most `most` bytes as they are, without looking for a delimiter. The lines go on
    /// behind them.
    pub fn take_raw(&mut self, most: usize) -> Vec<u8> {
        let raw = self.unread.unread();
        let raw = raw[..most.min(raw.len())].to_vec();
        self.unread.skip(raw.len());
        self.searched = 0;
        raw
    }
}

impl Framing for Lines {
    type Message = Vec<u8>;

    fn feed(&mut self, bytes: &[u8]) {
        self.unread.feed(bytes);
    }

    fn next_message(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        self.unread.intact()?;
        let unread = self.unread.unread();
        let end = find(&self.delimiter, &unread[self.searched..]).map(|at| self.searched + at);
        // When there is no delimiter yet, all is the line's but for what may be the delimiter's
        // beginning.
        let begun = (0..self.delimiter.len())
            .rev()
            .find(|count| unread.ends_with(&self.delimiter[..*count]))
            .unwrap_or(0);
        let certain = unread.len() - begun;
        if end.unwrap_or(certain) > self.limit {
            return Err(self.unread.fail(FrameError::TooLong(self.limit)));
        }
        let Some(end) = end else {
            self.searched = certain;
            return Ok(None);
        };
        let line = unread[..end].to_vec();
        self.unread.skip(end + self.delimiter.len());
        self.searched = 0;
        Ok(Some(line))
    }

    fn left_over(&self) -> usize {
        self.unread.len()
    }

    fn take_rest(&mut self) -> Vec<u8> {
        self.searched = 0;
        self.unread.take()
    }
}

/// Returns where `wanted` first begins.
fn find(wanted: &[u8], bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
