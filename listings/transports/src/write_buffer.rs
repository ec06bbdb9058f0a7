//! The write buffer: what was written and not sent yet, in order, in pieces that one call can
//! gather.
use std::{collections::VecDeque, io::IoSlice};

/// Small writes are copied behind each other into pieces of this size.
const PIECE: usize = 16 * 1024;

/// How many pieces one call sends, at most.
const GATHER: usize = 64;

/// The most that an idle connection keeps for its next write.
const SPARE: usize = 4 * 1024;

/// Bytes that wait to be sent. The first piece may be sent in part.
#[derive(Default)]
pub(crate) struct WriteBuffer {
    pieces: VecDeque<Vec<u8>>,
    /// How much of the first piece has been sent.
    sent: usize,
    /// How many bytes wait.
    waiting: usize,
    /// A piece that was sent, for the next one: a request and its answer need no allocation.
    spare: Vec<u8>,
}

impl WriteBuffer {
    /// Returns how many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    // ANCHOR: push
    /// Adds bytes at the end: to the last piece while it has room for all of them, else as a piece
    /// of their own.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.waiting += bytes.len();
        match self.pieces.back_mut() {
            Some(last) if last.len() + bytes.len() <= PIECE => last.extend_from_slice(bytes),
            _ => {
                let mut piece = std::mem::take(&mut self.spare);
                piece.extend_from_slice(bytes);
                self.pieces.push_back(piece);
            }
        }
    }
    // ANCHOR_END: push

    /// Lends the first pieces to one call that sends, with their length together.
    pub(crate) fn gather<R>(&self, send: impl FnOnce(&[IoSlice<'_>], usize) -> R) -> R {
        let empty = IoSlice::new(&[]);
        let mut slices = [empty; GATHER];
        let (mut count, mut length, mut sent) = (0, 0, self.sent);
        for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
            let rest = &piece[sent..];
            *slice = IoSlice::new(rest);
            count += 1;
            length += rest.len();
            sent = 0;
        }
        send(&slices[..count], length)
    }

    /// Takes out what has been sent: so many bytes.
    pub(crate) fn advance(&mut self, mut count: usize) {
        self.waiting -= count;
        while let Some(first) = self.pieces.front() {
            let rest = first.len() - self.sent;
            if count < rest {
                self.sent += count;
                return;
            }
            count -= rest;
            self.sent = 0;
            // One small piece is kept for the next write; an idle connection holds no more than
            // that.
            if let Some(mut piece) = self.pieces.pop_front()
                && piece.capacity() <= SPARE
            {
                piece.clear();
                self.spare = piece;
            }
        }
        // Many pieces leave a large deque behind.
        if self.pieces.capacity() > GATHER {
            self.pieces = VecDeque::new();
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = WriteBuffer::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(buffer: &WriteBuffer) -> Vec<u8> {
        buffer.gather(|slices, length| {
            let all: Vec<u8> = slices.iter().flat_map(|s| s.iter().copied()).collect();
            assert_eq!(all.len(), length);
            all
        })
    }

    #[test]
    fn small_writes_share_a_piece_and_large_ones_have_their_own() {
        let mut buffer = WriteBuffer::default();
        buffer.push(b"Gather ");
        buffer.push(b"ye ");
        assert_eq!(buffer.pieces.len(), 1);
        buffer.push(&[b'x'; PIECE]);
        assert_eq!(buffer.pieces.len(), 2);
        assert_eq!(buffer.len(), 10 + PIECE);
    }

    #[test]
    fn every_length_can_be_sent_in_part() {
        for step in 1..=12 {
            let mut buffer = WriteBuffer::default();
            for piece in ["Gather", " ye ", "", "rosebuds"] {
                buffer.pieces.push_back(piece.into());
                buffer.waiting += piece.len();
            }
            let mut sent = Vec::new();
            while !buffer.is_empty() {
                let now = all(&buffer);
                let count = step.min(now.len());
                sent.extend_from_slice(&now[..count]);
                buffer.advance(count);
            }
            assert_eq!(sent, b"Gather ye rosebuds");
            assert!(buffer.pieces.is_empty());
        }
    }

    #[test]
    fn what_was_large_is_given_back() {
        let mut buffer = WriteBuffer::default();
        for _ in 0..200 {
            buffer.push(&[0; PIECE]);
        }
        while !buffer.is_empty() {
            let length = buffer.gather(|_, length| length);
            assert!(length <= GATHER * PIECE);
            buffer.advance(length);
        }
        assert!(buffer.spare.capacity() <= SPARE);
        assert!(buffer.pieces.capacity() <= GATHER);
    }
}
