//! Ranges: which bytes of a file a client wants.

/// What to send of something of that length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteRange {
    /// All of it.
    Whole,
    /// From the first of these bytes to the last one, both included.
    Bytes(u64, u64),
    /// It has no such bytes.
    Unsatisfiable,
}

/// Reads the header `range`. Several ranges, another unit and what is no range at all mean the
/// whole, as [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-14.2) allows.
pub(crate) fn parse_range(range: Option<&str>, length: u64) -> ByteRange {
    let wanted = range.and_then(|range| range.trim().strip_prefix("bytes="));
    let Some((from, to)) = wanted.and_then(|wanted| wanted.split_once('-')) else {
        return ByteRange::Whole;
    };
    match (number(from), number(to)) {
        (Some(Some(from)), Some(None)) if from < length => ByteRange::Bytes(from, length - 1),
        (Some(Some(from)), Some(Some(to))) if from > to => ByteRange::Whole,
        (Some(Some(from)), Some(Some(to))) if from < length => {
            ByteRange::Bytes(from, to.min(length - 1))
        }
        (Some(None), Some(Some(last))) if last > 0 && length > 0 => {
            ByteRange::Bytes(length.saturating_sub(last), length - 1)
        }
        (Some(None), Some(None)) | (None, _) | (_, None) => ByteRange::Whole,
        _ => ByteRange::Unsatisfiable,
    }
}

/// Returns the number of a range: `Some(None)` is an empty text, `None` is no number. A number that
/// is too large is the largest.
fn number(text: &str) -> Option<Option<u64>> {
    match text {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Some(text.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ByteRange::{Bytes, Unsatisfiable, Whole};

    #[test]
    fn a_range_is_read_to_its_last_byte() {
        for (range, length, expected) in [
            ("bytes=0-0", 10, Bytes(0, 0)),
            ("bytes=0-9", 10, Bytes(0, 9)),
            ("bytes=3-", 10, Bytes(3, 9)),
            ("bytes=9-", 10, Bytes(9, 9)),
            ("bytes=3-99", 10, Bytes(3, 9)),
            ("bytes=3-99999999999999999999999", 10, Bytes(3, 9)),
            ("bytes=-1", 10, Bytes(9, 9)),
            ("bytes=-10", 10, Bytes(0, 9)),
            ("bytes=-99", 10, Bytes(0, 9)),
            ("bytes=10-", 10, Unsatisfiable),
            ("bytes=10-12", 10, Unsatisfiable),
            ("bytes=99999999999999999999999-", 10, Unsatisfiable),
            ("bytes=-0", 10, Unsatisfiable),
            ("bytes=0-", 0, Unsatisfiable),
            ("bytes=-1", 0, Unsatisfiable),
            ("bytes=4-3", 10, Whole),
            ("bytes=-", 10, Whole),
            ("bytes=0-1,3-4", 10, Whole),
            ("bytes=+1-2", 10, Whole),
            ("bytes=a-b", 10, Whole),
            ("bytes=1", 10, Whole),
            ("lines=1-2", 10, Whole),
            ("", 10, Whole),
        ] {
            assert_eq!(
                parse_range(Some(range), length),
                expected,
                "{range} of {length}"
            );
        }
        assert_eq!(parse_range(None, 10), Whole);
    }
}
