//! However a stream is cut, the messages are the same; limits hold exactly; hostile streams stay
//! small.
use proptest::prelude::*;
use protocols::{
    Boxes, FrameError, Framing, KeyValues, Lines, Netstrings, Prefix, Prefixed, Resp, RespValue,
};

/// What comes out when the stream is fed in these pieces: messages, then an error, or how much is
/// left over.
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

    #[test]
    fn resp_values_come_back(sent in proptest::collection::vec(value(), 0..4), cuts in cuts()) {
        let stream: Vec<u8> = sent.iter().flat_map(RespValue::written).collect();
        prop_assert_eq!(same_for_all_cuts(|| Resp::new(10_000, 3), &stream, &cuts), (sent, Ok(0)));
    }

    /// Streams that are nearly RESP: the same error for every cut, and no panic.
    #[test]
    fn any_pieces_of_resp(pieces in proptest::collection::vec(0..PIECES.len(), 0..12), cuts in cuts()) {
        let stream: Vec<u8> = pieces.iter().flat_map(|piece| PIECES[*piece]).copied().collect();
        let _ = same_for_all_cuts(|| Resp::new(LIMIT, 2), &stream, &cuts);
        let _ = same_for_all_cuts(|| Resp::commands(LIMIT, 1), &stream, &cuts);
    }

    /// Whatever comes, the answer does not depend on the cuts, and nothing panics.
    #[test]
    fn any_bytes(stream in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(b':'), Just(b'1'), Just(b'\r'), Just(b'\n')], 0..80), cuts in cuts()) {
        let _ = same_for_all_cuts(|| Lines::new(LIMIT), &stream, &cuts);
        let _ = same_for_all_cuts(|| Netstrings::new(LIMIT), &stream, &cuts);
        let _ = same_for_all_cuts(|| Prefixed::new(Prefix::One, LIMIT), &stream, &cuts);
        let _ = same_for_all_cuts(|| Prefixed::new(Prefix::Two, LIMIT), &stream, &cuts);
        let _ = same_for_all_cuts(|| Boxes::new(60), &stream, &cuts);
        let _ = same_for_all_cuts(|| Resp::new(LIMIT, 2), &stream, &cuts);
        let _ = same_for_all_cuts(|| Resp::commands(LIMIT, 2), &stream, &cuts);
    }
}

const PIECES: &[&[u8]] = &[
    b"*1\r\n",
    b"*2\r\n",
    b"*0\r\n",
    b"*-1\r\n",
    b"$3\r\nGET\r\n",
    b"$0\r\n\r\n",
    b"$-1\r\n",
    b":5\r\n",
    b"+OK\r\n",
    b"-E x\r\n",
    b"\r\n",
    b"\r",
    b"\n",
    b"$",
    b"*",
    b":-",
    b"0",
    b"12",
    b"PING x",
    b" ",
    b"*14\r\n",
    b"$41",
    b"99999999999999999999",
];

/// Any value, with arrays up to three deep.
fn value() -> impl Strategy<Value = RespValue> {
    let line = "[a-zA-Z ü]{0,12}";
    let leaf = prop_oneof![
        line.prop_map(RespValue::Simple),
        line.prop_map(RespValue::Error),
        any::<i64>().prop_map(RespValue::Integer),
        message().prop_map(RespValue::Bulk),
        Just(RespValue::Null),
        Just(RespValue::NullArray),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        proptest::collection::vec(inner, 0..5).prop_map(RespValue::Array)
    })
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
    // RESP counts all of a value: `*1`, `$29` and the ends are 11 bytes.
    let one = |length: usize| RespValue::command([vec![b'v'; length]]).written();
    let (simple, number) = (RespValue::Simple("x".repeat(LIMIT - 3)), b":1000\r\n");
    for (whole, limit) in [
        (one(LIMIT - 11), LIMIT),
        (simple.written(), LIMIT),
        (number.to_vec(), 7),
    ] {
        assert_eq!(whole.len(), limit);
        same_for_all_cuts(|| Resp::new(limit, 1), &whole, &[])
            .1
            .unwrap();
        let over = same_for_all_cuts(|| Resp::new(limit - 1, 1), &whole, &[]);
        assert_eq!(over, (Vec::new(), Err(FrameError::TooLong(limit - 1))));
    }
    let inline = b"GET hope\n";
    same_for_all_cuts(|| Resp::commands(inline.len(), 1), inline, &[])
        .1
        .unwrap();
    let over = same_for_all_cuts(|| Resp::commands(inline.len() - 1, 1), inline, &[]);
    assert_eq!(over.1, Err(FrameError::TooLong(inline.len() - 1)));
    // Arrays: as deep as the limit, and one more.
    let nested = |depth: usize| [b"*1\r\n".repeat(depth), b":1\r\n".to_vec()].concat();
    same_for_all_cuts(|| Resp::new(100, 3), &nested(3), &[])
        .1
        .unwrap();
    let over = same_for_all_cuts(|| Resp::new(100, 3), &nested(4), &[]);
    assert_eq!(over.1, Err(FrameError::TooDeep(3)));
    assert_eq!(
        same_for_all_cuts(|| Resp::new(1000, 0), b"*0\r\n", &[])
            .0
            .len(),
        1,
        "an empty one opens nothing"
    );
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
    let lines = |delimiter: &'static [u8]| {
        move || Box::new(Lines::delimited_by(delimiter, 4)) as Box<dyn Framing<Message = Vec<u8>>>
    };
    assert_eq!(
        first_bad(b"five5\r\n", &lines(b"\r\n")),
        Some(5),
        "the fifth byte begins no delimiter"
    );
    assert_eq!(
        first_bad(b"five\rx", &lines(b"\r\n")),
        Some(6),
        "this one might have"
    );
    assert_eq!(first_bad(b"five\r\n", &lines(b"\r\n")), None);
    assert_eq!(first_bad(b"five--x", &lines(b"---")), Some(7));
    assert_eq!(first_bad(b"fiv-----", &lines(b"---")), None);
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
    let resp = |stream: &[u8]| {
        (1..=stream.len()).find(|&at| fed(Resp::new(LIMIT, 2), [&stream[..at]]).1.is_err())
    };
    assert_eq!(resp(b"GET / HTTP/1.1"), Some(1), "no type");
    assert_eq!(resp(b":0x"), Some(3), "no digit");
    assert_eq!(resp(b":01\r\n"), Some(3), "a zero in front");
    assert_eq!(resp(b":-\r\n"), Some(3), "no digits at all");
    assert_eq!(resp(b":-0\r\n"), Some(4), "no spelling of 0");
    assert_eq!(
        resp(b":9223372036854775808\r\n"),
        Some(20),
        "more than 64 bits"
    );
    assert_eq!(resp(b"$-2\r\n"), Some(5), "less than nothing");
    assert_eq!(resp(b"$41\r\n"), Some(3), "over the limit with this digit");
    assert_eq!(resp(b"$2\r\nabc\r\n"), Some(7), "no end");
    assert_eq!(resp(b"+OK\n+OK\rx"), Some(9), "CR, and no LF");
    assert_eq!(resp(b"*14\r\n"), Some(3), "no 14 values fit into 40 bytes");
}
