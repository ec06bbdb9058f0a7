//! However a stream is cut, the messages are the same; limits hold exactly; hostile streams stay small.
use proptest::prelude::*;
use protocols::{Boxes, FrameError, Framing, KeyValues, Lines, Netstrings, Prefix, Prefixed};

/// What comes out when the stream is fed in these pieces: messages, then an error, or how much is left over.
fn fed<'a, F: Framing>(
    mut framing: F,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<F::Message>, Result<usize, FrameError>) {
    let mut messages = Vec::new();
    for piece in pieces {
        framing.feed(piece);
        loop {
            match framing.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    framing.feed(b"more");
                    assert!(
                        framing.next_message().is_err_and(|again| again == error),
                        "an error stays"
                    );
                    assert_eq!(framing.left_over(), 0, "and nothing is kept for it");
                    return (messages, Err(error));
                }
            }
        }
    }
    (messages, Ok(framing.left_over()))
}

/// The stream in one piece, in every two pieces, byte by byte, and cut at `cuts`.
fn same_for_all_cuts<F>(
    make: impl Fn() -> F,
    stream: &[u8],
    cuts: &[usize],
) -> (Vec<F::Message>, Result<usize, FrameError>)
where
    F: Framing,
    F::Message: PartialEq + std::fmt::Debug,
{
    let whole = fed(make(), [stream]);
    for at in 0..=stream.len() {
        assert_eq!(
            fed(make(), [&stream[..at], &stream[at..]]),
            whole,
            "cut at {at}"
        );
    }
    assert_eq!(fed(make(), stream.chunks(1)), whole, "byte by byte");
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
    cuts.sort_unstable();
    let ends = cuts.iter().copied().chain([stream.len()]);
    let begins = [0].into_iter().chain(cuts.iter().copied());
    let pieces: Vec<&[u8]> = begins
        .zip(ends)
        .map(|(from, to)| &stream[from..to])
        .collect();
    assert_eq!(fed(make(), pieces), whole, "cut at {cuts:?}");
    whole
}

const LIMIT: usize = 40;

fn message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..=LIMIT),
        proptest::collection::vec(
            prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b','), Just(0)],
            0..=6
        ),
        Just(vec![b'x'; LIMIT]), // as long as the limit
    ]
}

fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(message(), 0..5)
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(any::<usize>(), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_come_back(lines in messages(), cuts in cuts()) {
        let lines: Vec<Vec<u8>> = lines.into_iter().map(|line| line.into_iter().filter(|b| !b"\r\n".contains(b)).collect()).collect();
        let stream: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\r\n"[..]].concat()).collect();
        prop_assert_eq!(same_for_all_cuts(|| Lines::new(LIMIT), &stream, &cuts), (lines, Ok(0)));
    }

    #[test]
    fn netstrings_come_back(sent in messages(), cuts in cuts()) {
        let stream: Vec<u8> = sent.iter().flat_map(|message| Netstrings::written(message)).collect();
        prop_assert_eq!(same_for_all_cuts(|| Netstrings::new(LIMIT), &stream, &cuts), (sent, Ok(0)));
    }

    #[test]
    fn prefixed_messages_come_back(sent in messages(), cuts in cuts(), which in 0..3_usize) {
        let prefix = [Prefix::One, Prefix::Two, Prefix::Four][which];
        let writer = Prefixed::new(prefix, LIMIT);
        let stream: Vec<u8> = sent.iter().flat_map(|message| writer.written(message).unwrap()).collect();
        prop_assert_eq!(same_for_all_cuts(|| Prefixed::new(prefix, LIMIT), &stream, &cuts), (sent, Ok(0)));
    }

    #[test]
    fn boxes_come_back(sent in proptest::collection::vec(
        proptest::collection::btree_map(proptest::collection::vec(any::<u8>(), 1..9), message(), 0..4), 0..3), cuts in cuts()) {
        let stream: Vec<u8> = sent.iter().flat_map(|values: &KeyValues| Boxes::written(values).unwrap()).collect();
        prop_assert_eq!(same_for_all_cuts(|| Boxes::new(1000), &stream, &cuts), (sent, Ok(0)));
    }

    /// Whatever comes, the answer does not depend on the cuts, and nothing panics.
    #[test]
    fn any_bytes(stream in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(b':'), Just(b'1'), Just(b'\r'), Just(b'\n')], 0..80), cuts in cuts()) {
        let _ = same_for_all_cuts(|| Lines::new(LIMIT), &stream, &cuts);
        let _ = same_for_all_cuts(|| Netstrings::new(LIMIT), &stream, &cuts);
        let _ = same_for_all_cuts(|| Prefixed::new(Prefix::One, LIMIT), &stream, &cuts);
        let _ = same_for_all_cuts(|| Prefixed::new(Prefix::Two, LIMIT), &stream, &cuts);
        let _ = same_for_all_cuts(|| Boxes::new(60), &stream, &cuts);
    }
}

#[test]
fn as_long_as_the_limit_passes_and_one_more_fails_for_every_cut() {
    let line = |length| [vec![b'x'; length], b"\r\n".to_vec()].concat();
    let too_long = |stream: &[u8], make: &dyn Fn() -> Box<dyn Framing<Message = Vec<u8>>>| {
        for at in 0..=stream.len() {
            let (messages, end) = fed_boxed(make(), [&stream[..at], &stream[at..]]);
            assert_eq!(
                (messages.len(), end),
                (0, Err(FrameError::TooLong(LIMIT))),
                "cut at {at}"
            );
        }
    };
    same_for_all_cuts(|| Lines::new(LIMIT), &line(LIMIT), &[])
        .1
        .unwrap();
    too_long(&line(LIMIT + 1), &|| Box::new(Lines::new(LIMIT)));
    same_for_all_cuts(
        || Netstrings::new(LIMIT),
        &Netstrings::written(&[b'x'; LIMIT]),
        &[],
    )
    .1
    .unwrap();
    too_long(&Netstrings::written(&[b'x'; LIMIT + 1]), &|| {
        Box::new(Netstrings::new(LIMIT))
    });
    let loose = Prefixed::new(Prefix::Two, LIMIT + 1);
    too_long(&loose.written(&[b'x'; LIMIT + 1]).unwrap(), &|| {
        Box::new(Prefixed::new(Prefix::Two, LIMIT))
    });
    // A box with one key of one byte: 2 + 1 + 2 + the value + 2.
    let one =
        |length| Boxes::written(&KeyValues::from([(b"k".to_vec(), vec![b'v'; length])])).unwrap();
    same_for_all_cuts(|| Boxes::new(LIMIT), &one(LIMIT - 7), &[])
        .1
        .unwrap();
    let over = same_for_all_cuts(|| Boxes::new(LIMIT), &one(LIMIT - 6), &[]);
    assert_eq!(over, (Vec::new(), Err(FrameError::TooLong(LIMIT))));
}

fn fed_boxed<'a>(
    mut framing: Box<dyn Framing<Message = Vec<u8>>>,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, Result<usize, FrameError>) {
    let mut messages = Vec::new();
    for piece in pieces {
        framing.feed(piece);
        loop {
            match framing.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Err(error)),
            }
        }
    }
    (messages, Ok(framing.left_over()))
}

#[test]
fn what_can_be_no_message_fails_at_the_byte_that_shows_it() {
    let first_bad = |stream: &[u8], make: &dyn Fn() -> Box<dyn Framing<Message = Vec<u8>>>| {
        (1..=stream.len()).find(|&at| fed_boxed(make(), [&stream[..at]]).1.is_err())
    };
    let netstrings = || Box::new(Netstrings::new(LIMIT)) as Box<dyn Framing<Message = Vec<u8>>>;
    assert_eq!(first_bad(b"hello", &netstrings), Some(1), "no digit");
    assert_eq!(
        first_bad(b"04:hope,", &netstrings),
        Some(2),
        "a leading zero"
    );
    assert_eq!(first_bad(b":hope,", &netstrings), Some(1), "no length");
    assert_eq!(
        first_bad(b"999:", &netstrings),
        Some(2),
        "99 is over the limit already"
    );
    assert_eq!(
        first_bad(b"99999999999999999999999999999:", &netstrings),
        Some(2),
        "no overflow"
    );
    assert_eq!(first_bad(b"4:hopes", &netstrings), Some(7), "no comma");
    let mut boxes = Boxes::new(100);
    boxes.feed(&[1]);
    assert_eq!(
        boxes.next_message(),
        Err(FrameError::BadKey),
        "one byte is enough: twisted 3478"
    );
    let twice = [0, 1, b'k', 0, 0, 0, 1, b'k', 0, 0, 0, 0];
    let mut boxes = Boxes::new(100);
    boxes.feed(&twice);
    assert_eq!(boxes.next_message(), Err(FrameError::BadKey), "a key twice");
}

/// 64 MiB of a stream that never makes a message, in pieces of 64 KiB; set `UNTWISTED_HOSTILE_MIB` for more.
#[test]
fn a_hostile_stream_is_refused_in_constant_memory() {
    let mib: usize =
        std::env::var("UNTWISTED_HOSTILE_MIB").map_or(64, |text| text.parse().expect("a number"));
    let piece = [b'7'; 64 * 1024];
    let mut lines = Lines::new(16_384);
    let mut netstrings = Netstrings::new(16_384);
    let mut boxes = Boxes::new(16_384);
    for _ in 0..mib * 16 {
        lines.feed(&piece);
        netstrings.feed(&piece);
        boxes.feed(&piece);
        assert_eq!(lines.next_message(), Err(FrameError::TooLong(16_384)));
        assert_eq!(netstrings.next_message(), Err(FrameError::TooLong(16_384)));
        assert_eq!(boxes.next_message(), Err(FrameError::BadKey));
        assert_eq!(
            lines.left_over() + netstrings.left_over() + boxes.left_over(),
            0
        );
    }
}

/// Half a million pieces of one byte. If each looked at all that came before, this would be 10^11 steps, and not end.
#[test]
fn one_byte_at_a_time_is_linear() {
    let long = vec![b'x'; 1 << 19];
    let limit = long.len();
    let (lines, end) = fed(
        Lines::new(limit),
        [long.as_slice(), b"\r\n"].concat().chunks(1),
    );
    assert_eq!((lines.len(), end), (1, Ok(0)));
    let (messages, end) = fed(Netstrings::new(limit), Netstrings::written(&long).chunks(1));
    assert_eq!((messages.len(), end), (1, Ok(0)));
    let prefixed = Prefixed::new(Prefix::Four, limit);
    let (messages, end) = fed(prefixed.clone(), prefixed.written(&long).unwrap().chunks(1));
    assert_eq!((messages.len(), end), (1, Ok(0)));
}
