//! Cuts streams at every place, and sends what is no message.
use counted::Counted;
use untwisted::protocols::{FrameError, Framing};

/// Feeds the pieces one after the other; returns the messages, and the error if there is one.
fn pieces(framing: &mut Counted, pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Option<FrameError>) {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for piece in pieces {
        framing.feed(piece);
        loop {
            match framing.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
    }
    (messages, None)
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).escape_debug().to_string()
}

#[test]
fn one_message() {
    let got = pieces(&mut Counted::new(80), &[b"4\nhope"]);
    assert_eq!(
        got,
        (vec![b"hope".to_vec()], None),
        "`4\\nhope` is the message `hope`, and no error"
    );
}

#[test]
fn every_cut() {
    let stream: &[u8] = b"4\nhope0\n11\n1\n2\n\x00\xff\n4\nx1";
    let want: Vec<Vec<u8>> = vec![b"hope".to_vec(), vec![], b"1\n2\n\x00\xff\n4\nx1".to_vec()];
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let cut = [&stream[..first], &stream[first..second], &stream[second..]];
            let (got, error) = pieces(&mut Counted::new(80), &cut);
            assert!(
                got == want && error.is_none(),
                "the messages do not depend on the cuts: {:?} came as {:?}, error {error:?}",
                cut.map(shown),
                got.iter().map(|message| shown(message)).collect::<Vec<_>>()
            );
        }
    }
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    let (got, error) = pieces(&mut Counted::new(80), &bytes);
    assert!(
        got == want && error.is_none(),
        "the messages do not depend on the cuts: one byte at a time came as {got:?}, error {error:?}"
    );
}

#[test]
fn what_is_no_length() {
    let wrongs: [&[u8]; 9] = [
        b"x", b"\n", b"+4", b"-1", b" 4", b"04", b"00", b"4\r", b"4:",
    ];
    for wrong in wrongs {
        let got = pieces(&mut Counted::new(80), &[wrong]);
        assert_eq!(
            got,
            (vec![], Some(FrameError::NoLength)),
            "as soon as `{}` is there, it is certain that this is no length",
            shown(wrong)
        );
        let bytes: Vec<&[u8]> = wrong.chunks(1).collect();
        let got = pieces(&mut Counted::new(80), &bytes);
        assert_eq!(
            got,
            (vec![], Some(FrameError::NoLength)),
            "`{}`, one byte at a time, is no length",
            shown(wrong)
        );
    }
}

#[test]
fn the_limit_exactly() {
    let message = b"x".repeat(10);
    let stream = [b"10\n", message.as_slice()].concat();
    for cut in 0..=stream.len() {
        let (got, error) = pieces(&mut Counted::new(10), &[&stream[..cut], &stream[cut..]]);
        assert!(
            got == [message.clone()] && error.is_none(),
            "a message of exactly the limit passes: 10 bytes with a limit of 10, cut at {cut}: error {error:?}"
        );
    }
}

#[test]
fn more_than_the_limit() {
    let got = pieces(&mut Counted::new(10), &[b"11\n"]);
    assert_eq!(
        got,
        (vec![], Some(FrameError::TooLong(10))),
        "a message of 11 bytes with a limit of 10 is refused before any of its bytes has come"
    );
    let got = pieces(&mut Counted::new(10), &[b"1", b"1"]);
    assert_eq!(
        got,
        (vec![], Some(FrameError::TooLong(10))),
        "as soon as the digits say 11 it is too long for a limit of 10; the line feed need not come"
    );
    let got = pieces(&mut Counted::new(0), &[b"0\n1"]);
    assert_eq!(
        got,
        (vec![vec![]], Some(FrameError::TooLong(0))),
        "with a limit of 0 an empty message passes, and one of a byte or more does not"
    );
}

#[test]
fn forty_digits() {
    let got = pieces(&mut Counted::new(usize::MAX), &[&[b'9'; 40]]);
    assert_eq!(
        got,
        (vec![], Some(FrameError::TooLong(usize::MAX))),
        "forty digits are too long for any limit"
    );
}

#[test]
fn after_an_error() {
    for (wrong, error) in [
        (&b"2\nokx"[..], FrameError::NoLength),
        (b"2\nok99", FrameError::TooLong(10)),
    ] {
        let mut framing = Counted::new(10);
        let got = pieces(&mut framing, &[wrong]);
        assert_eq!(
            got,
            (vec![b"ok".to_vec()], Some(error)),
            "`{}`: the message before the error comes out first",
            shown(wrong)
        );
        for _ in 0..3 {
            framing.feed(b"2\nok");
            let again = framing.next_message();
            assert_eq!(
                again,
                Err(error),
                "after an error it returns the same error for ever, whatever is fed"
            );
            let left: usize = framing.left_over();
            assert_eq!(left, 0, "(bytes) after an error nothing is kept");
        }
    }
}

#[test]
fn what_is_left_over() {
    let mut framing = Counted::new(10);
    let got = pieces(&mut framing, &[b"2\nok10\nhal", b"f"]);
    assert_eq!(
        got,
        (vec![b"ok".to_vec()], None),
        "one message is whole, and one is not"
    );
    let left: usize = framing.left_over();
    assert_eq!(
        left, 7,
        "(bytes) `10\\nhalf` belongs to no whole message: 7 bytes, length included"
    );
    let rest: Vec<u8> = framing.take_rest();
    assert_eq!(
        shown(&rest),
        "10\\nhalf",
        "the rest is what was fed and not used"
    );
    let left: usize = framing.left_over();
    assert_eq!(left, 0, "(bytes) the rest was taken out");
}
