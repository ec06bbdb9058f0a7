//! Scans the head of a request as it goes by: where it ends, and whether it states two lengths.
//!
//! hyper is the parser. But a head with both a length and chunks is gone when hyper hands over the
//! request: it believes the chunks, as RFC 9112 allows. A proxy in front that believes the length
//! then sees other requests than we do. So this looks for the names of the two headers, and at
//! nothing else.

/// What is kept of a line: enough for the longest name that is looked for.
const MAX_NAME: usize = 24;

/// Scans one head as it comes.
#[derive(Default)]
pub(crate) struct HeadScanner {
    line: Vec<u8>,
    /// The request line has come. Empty lines before it are allowed.
    begun: bool,
    length: bool,
    coding: bool,
}

impl HeadScanner {
    /// Takes what has come. Returns how many of its bytes belong to the head, if it ends in them.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut from = 0;
        while let Some(at) = bytes[from..].iter().position(|byte| *byte == b'\n') {
            self.keep(&bytes[from..from + at]);
            from += at + 1;
            if self.line_ends() {
                return Some(from);
            }
        }
        self.keep(&bytes[from..]);
        None
    }

    /// Whether the body has two lengths: one as a number and one by its chunks.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.length && self.coding
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = MAX_NAME - self.line.len().min(MAX_NAME);
        self.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Whether that line was the last one of the head.
    fn line_ends(&mut self) -> bool {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let (empty, first) = (line.is_empty(), !self.begun);
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if !first {
            self.length |= name.eq_ignore_ascii_case(b"content-length");
            self.coding |= name.eq_ignore_ascii_case(b"transfer-encoding");
        }
        self.begun |= !empty;
        self.line.clear();
        empty && !first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds a head cut in two at each place, and returns whether it was ambiguous.
    fn look(head: &str) -> bool {
        let both: Vec<bool> = (0..head.len())
            .map(|at| {
                let (first, second) = head.as_bytes().split_at(at);
                let (mut looked, rest) = (HeadScanner::default(), [second, b"BODY\n\n"].concat());
                assert_eq!(looked.feed(first), None, "{head:?} ends after {at}");
                assert_eq!(
                    looked.feed(&rest),
                    Some(second.len()),
                    "{head:?} cut at {at}"
                );
                looked.is_ambiguous()
            })
            .collect();
        assert!(both.iter().all(|one| *one == both[0]), "{head:?}");
        both[0]
    }

    #[test]
    fn it_finds_the_end_and_both_lengths_wherever_it_is_cut() {
        assert!(!look("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
        assert!(!look("GET / HTTP/1.1\nhost: a\n\n"));
        assert!(!look("\r\n\nGET / HTTP/1.1\r\n\r\n"));
        assert!(!look(
            "POST / HTTP/1.1\r\ncontent-length: 3\r\nx: transfer-encoding: chunked\r\n\r\n"
        ));
        assert!(!look(
            "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n"
        ));
        assert!(!look(
            "POST / HTTP/1.1\r\ncontent-lengthy: 3\r\ntransfer-encoding: chunked\r\n\r\n"
        ));
        assert!(look(
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        ));
        assert!(look(
            "POST / HTTP/1.1\r\nTRANSFER-ENCODING:chunked\nh: i\ncontent-length:3\n\n"
        ));
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut head = HeadScanner::default();
        for _ in 0..1_000 {
            assert_eq!(head.feed(&[b'x'; 1_000]), None);
        }
        assert!(head.line.capacity() < 100);
    }
}
