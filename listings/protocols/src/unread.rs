//! Bytes that were fed and not used yet.

/// A buffer with a front that moves: taking from it copies nothing that stays, as long as it pays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unread {
    bytes: Vec<u8>,
    /// Where the unread begins.
    from: usize,
}

impl Unread {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
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
}
