//! Bytes that were fed and not used yet, until a framing fails.
use crate::FrameError;

/// A buffer with a front that moves: taking from it copies nothing that stays, as long as it pays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unread {
    bytes: Vec<u8>,
    /// Where the unread begins.
    from: usize,
    /// What was wrong with them. Nothing is taken in after that.
    broken: Option<FrameError>,
}

impl Unread {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.broken.is_some() {
            return;
        }
        // The used part is thrown away when it is the larger one: so each byte is moved once at
        // most, on average.
        if self.from > self.bytes.len() / 2 {
            self.bytes.drain(..self.from);
            self.from = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn unread(&self) -> &[u8] {
        &self.bytes[self.from..]
    }

    /// Returns the error with which the framing failed, if it did.
    pub(crate) fn intact(&self) -> Result<(), FrameError> {
        self.broken.map_or(Ok(()), Err)
    }

    /// Throws away what is unread, and keeps the error for good.
    pub(crate) fn fail(&mut self, error: FrameError) -> FrameError {
        self.broken = Some(error);
        self.take();
        error
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.from
    }

    /// Moves the front over `count` bytes, at most to the end.
    pub(crate) fn skip(&mut self, count: usize) {
        self.from = (self.from + count).min(self.bytes.len());
        if self.from == self.bytes.len() {
            self.bytes.clear();
            self.from = 0;
            if self.bytes.capacity() > KEPT {
                self.bytes.shrink_to(KEPT); // one long message must not hold its memory for ever
            }
        }
    }

    /// Takes out all that is unread.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let rest = self.unread().to_vec();
        self.skip(rest.len());
        rest
    }
}

/// How much memory an empty buffer keeps, in bytes: one full read.
const KEPT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_in_order_and_memory_is_given_back() {
        let mut unread = Unread::default();
        unread.feed(b"abcdef");
        unread.skip(2);
        assert_eq!(unread.unread(), b"cdef");
        unread.feed(b"gh");
        unread.skip(3);
        unread.feed(b"ij");
        assert_eq!((unread.unread(), unread.len()), (&b"fghij"[..], 5));
        unread.skip(99);
        assert_eq!(unread.len(), 0);
        unread.feed(&[0; 1 << 20]);
        assert_eq!(unread.take().len(), 1 << 20);
        assert!(unread.bytes.capacity() <= KEPT);
    }

    #[test]
    fn after_an_error_nothing_is_taken_in_and_the_error_stays() {
        let mut unread = Unread::default();
        unread.feed(b"abc");
        assert_eq!(unread.intact(), Ok(()));
        assert_eq!(unread.fail(FrameError::NoLength), FrameError::NoLength);
        assert_eq!(unread.len(), 0);
        unread.feed(b"def");
        assert_eq!(unread.len(), 0);
        assert_eq!(unread.intact(), Err(FrameError::NoLength));
    }
}
