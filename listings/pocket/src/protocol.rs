//! Framings: where a message ends in a stream of bytes. No socket, no clock.
use crate::deferred::Failure;
use std::collections::VecDeque;

/// Feed it what has come, then ask until it has no whole message left.
pub trait Framing {
    fn feed(&mut self, bytes: &[u8]);
    /// A failure is final: there is no way back into the stream.
    fn next_message(&mut self) -> Result<Option<Vec<u8>>, Failure>;
    /// What came after the last message, for whatever reads on from here.
    fn take_rest(&mut self) -> Vec<u8>;
}

/// Messages that end with `\n` or `\r\n`.
pub struct Lines {
    unread: VecDeque<u8>,
    /// In bytes, without the end.
    limit: usize,
}

impl Lines {
    pub fn new(limit: usize) -> Lines {
        Lines { unread: VecDeque::new(), limit }
    }
}

impl Framing for Lines {
    fn feed(&mut self, bytes: &[u8]) {
        self.unread.extend(bytes);
    }

    fn next_message(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let end = self.unread.iter().position(|byte| *byte == b'\n');
        let mut length = end.unwrap_or(self.unread.len());
        if length > 0 && self.unread[length - 1] == b'\r' {
            length -= 1;
        }
        if length > self.limit {
            return Err(format!("a line has more than {} bytes", self.limit).into());
        }
        let Some(end) = end else { return Ok(None) };
        let mut line: Vec<u8> = self.unread.drain(..=end).collect();
        line.truncate(length);
        Ok(Some(line))
    }

    fn take_rest(&mut self) -> Vec<u8> {
        self.unread.drain(..).collect()
    }
}

/// Messages with their length in digits before them: `4:hope,`.
pub struct Netstrings(Lines);

impl Netstrings {
    pub fn new(limit: usize) -> Netstrings {
        Netstrings(Lines::new(limit))
    }
}

impl Framing for Netstrings {
    fn feed(&mut self, bytes: &[u8]) {
        self.0.feed(bytes);
    }

    fn next_message(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let (unread, mut length, mut digits) = (&mut self.0.unread, 0_usize, 0);
        while let Some(digit @ b'0'..=b'9') = unread.get(digits).copied() {
            length = length.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
            digits += 1;
            if length > self.0.limit || (digits > 1 && unread[0] == b'0') {
                return Err("a length is too large, or begins with 0".into());
            }
        }
        let end = length.saturating_add(digits + 1);
        match (unread.get(digits), unread.get(end)) {
            (Some(b':'), Some(b',')) if digits > 0 => {}
            (None, _) => return Ok(None),
            (Some(b':'), None) if digits > 0 => return Ok(None),
            _ => return Err("this is no netstring".into()),
        }
        let message: Vec<u8> = unread.drain(..=end).collect();
        Ok(Some(message[digits + 1..end].to_vec()))
    }

    fn take_rest(&mut self) -> Vec<u8> {
        self.0.take_rest()
    }
}
