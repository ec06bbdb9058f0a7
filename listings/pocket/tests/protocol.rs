//! What the pocket's framings promise: any cut, exact limits, nothing kept of a liar.
use pocket::protocol::{Framing, Lines, Netstrings};

/// All messages of a stream that comes in these pieces, and whether it ended in a failure.
fn fed<'a>(
    mut framing: impl Framing,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, bool, Vec<u8>) {
    let mut got = Vec::new();
    for piece in pieces {
        framing.feed(piece);
        loop {
            match framing.next_message() {
                Ok(Some(message)) => got.push(message),
                Ok(None) => break,
                Err(_) => {
                    assert!(framing.next_message().is_err(), "a failure is final");
                    return (got, true, Vec::new());
                }
            }
        }
    }
    let rest = framing.take_rest();
    assert!(framing.take_rest().is_empty());
    (got, false, rest)
}

fn every_cut<F: Framing>(framing: impl Fn() -> F, stream: &[u8], want: (&[&[u8]], bool, &[u8])) {
    let check = |pieces: &[&[u8]]| {
        let (got, failed, rest) = fed(framing(), pieces.iter().copied());
        assert_eq!(
            (got, failed, rest.as_slice()),
            (want.0.iter().map(|m| m.to_vec()).collect(), want.1, want.2),
            "{pieces:?}"
        );
    };
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            check(&[&stream[..first], &stream[first..second], &stream[second..]]);
        }
    }
    check(&stream.chunks(1).collect::<Vec<_>>());
}

#[test]
fn lines_are_the_same_however_they_are_cut() {
    let want: [&[u8]; 5] = [b"tyger", b"", b"burning", b"a\rb", b"bright"];
    let stream = b"tyger\r\n\r\nburning\na\rb\nbright\r\nin the";
    every_cut(|| Lines::new(7), stream, (&want, false, b"in the"));
}

#[test]
fn the_limit_of_a_line_is_exact_with_either_end_and_any_cut() {
    for (length, end, fails) in
        [(7, "\n", false), (7, "\r\n", false), (8, "\n", true), (8, "\r\n", true), (0, "\n", false)]
    {
        let line = "x".repeat(length);
        let stream = format!("{line}{end}");
        let want: &[&[u8]] = if fails { &[] } else { &[line.as_bytes()] };
        every_cut(|| Lines::new(7), stream.as_bytes(), (want, fails, b""));
    }
    every_cut(|| Lines::new(7), b"no end in sight", (&[], true, b""));
    every_cut(|| Lines::new(7), b"seven  ", (&[], false, b"seven  "));
}

#[test]
fn netstrings_are_the_same_however_they_are_cut() {
    let want: [&[u8]; 4] = [b"hope", b"", b"two\nlines", b"1:x,"];
    every_cut(
        || Netstrings::new(9),
        b"4:hope,0:,9:two\nlines,4:1:x,,3:wi",
        (&want, false, b"3:wi"),
    );
}

#[test]
fn the_limit_of_a_netstring_is_exact_and_holds_before_the_message_comes() {
    every_cut(|| Netstrings::new(4), b"4:hope,", (&[b"hope"], false, b""));
    for stream in [
        "5:hopes,",
        "5",
        "40:",
        "04:hope,",
        "00:,",
        "4:hopes,",
        ":,",
        ":",
        "x",
        "-1:,",
        "4;hope,",
        "99999999999999999999999",
    ] {
        every_cut(|| Netstrings::new(4), stream.as_bytes(), (&[], true, b""));
    }
    every_cut(|| Netstrings::new(usize::MAX / 100), b"99999999999999999999999", (&[], true, b""));
    // As good as no limit, and no reason to overflow.
    let digits = b"99999999999999999999999:x";
    every_cut(|| Netstrings::new(usize::MAX), digits, (&[], false, digits));
    every_cut(|| Netstrings::new(4), b"4:hope,5", (&[b"hope"], true, b""));
    every_cut(|| Netstrings::new(0), b"0:,", (&[b""], false, b""));
}

#[test]
fn what_is_kept_is_no_more_than_the_limit_and_one_piece() {
    let mut lines = Lines::new(100);
    let mut kept = 0;
    for _ in 0..10_000 {
        lines.feed(&[b'x'; 60]);
        kept += 60;
        if lines.next_message().is_err() {
            break;
        }
    }
    assert_eq!(kept, 120, "a line without an end is refused as soon as it is too long");
}

#[test]
fn what_follows_the_messages_can_be_taken_out() {
    let mut lines = Lines::new(100);
    lines.feed(b"go raw\nraw bytes\nare no lines");
    assert_eq!(lines.next_message().unwrap().unwrap(), b"go raw");
    assert_eq!(lines.take_rest(), b"raw bytes\nare no lines");
    assert!(lines.next_message().unwrap().is_none());
}
