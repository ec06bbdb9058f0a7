//! Streams that mean ill, and long ones that do not: memory stays small, and time grows with the
//! bytes.
use protocols::{
    Boxes, FrameError, Framing, KeyValues, Lines, Netstrings, Prefix, Prefixed, Resp, RespValue,
};

const LIMIT: usize = 16_384;
const PIECE: usize = 64 * 1024;

/// How much is sent, in bytes: 64 MiB, or what `UNTWISTED_HOSTILE_MIB` says.
fn much() -> usize {
    let mib = std::env::var("UNTWISTED_HOSTILE_MIB");
    mib.map_or(64, |text| text.parse().expect("a number")) << 20
}

/// Feeds so many bytes of a stream that begins again and again, and takes out every message.
/// Returns how many there were, and how it ended.
fn fed<F: Framing>(mut framing: F, again: &[u8], much: usize) -> (usize, Result<(), FrameError>) {
    let again = again.repeat(PIECE.div_ceil(again.len())); // the same, in larger steps
    let (mut messages, mut sent, mut piece) = (0, 0, Vec::new());
    let mut error = None;
    while sent < much {
        piece.clear();
        while piece.len() < PIECE {
            let from = sent % again.len();
            let count = (again.len() - from).min(PIECE - piece.len());
            piece.extend_from_slice(&again[from..from + count]);
            sent += count;
        }
        framing.feed(&piece);
        assert!(
            framing.left_over() <= LIMIT + 16 + PIECE,
            "{} bytes are kept",
            framing.left_over()
        );
        loop {
            match framing.next_message() {
                Ok(Some(_)) => messages += 1,
                Ok(None) => break,
                Err(now) => {
                    assert!(error.is_none_or(|before| before == now), "an error stays");
                    error = Some(now);
                    break;
                }
            }
        }
        let most = if error.is_some() { 0 } else { LIMIT + 16 };
        assert!(
            framing.left_over() <= most,
            "{} bytes are kept",
            framing.left_over()
        );
    }
    (messages, error.map_or(Ok(()), Err))
}

fn one_box(length: usize) -> Vec<u8> {
    Boxes::written(&KeyValues::from([(b"k".to_vec(), vec![b'v'; length])])).expect("a box")
}

#[test]
fn a_hostile_stream_is_refused_in_constant_memory() {
    let too_long = (0, Err(FrameError::TooLong(LIMIT)));
    for again in [&b"7"[..], b"\r", b"\rx"] {
        assert_eq!(fed(Lines::new(LIMIT), again, much()), too_long);
    }
    assert_eq!(fed(Netstrings::new(LIMIT), b"7", much()), too_long);
    assert_eq!(fed(Netstrings::new(LIMIT), b"16385:", much()), too_long);
    assert_eq!(
        fed(Prefixed::new(Prefix::Four, LIMIT), b"\xff", much()),
        too_long
    );
    assert_eq!(
        fed(Boxes::new(LIMIT), b"7", much()),
        (0, Err(FrameError::BadKey))
    );
    assert_eq!(fed(Boxes::new(LIMIT), &one_box(40_000), much()), too_long);
    assert_eq!(
        fed(Resp::new(LIMIT, 8), b"7", much()),
        (0, Err(FrameError::NoType(b'7')))
    );
    assert_eq!(
        fed(Resp::new(LIMIT, 8), b"*1\r\n", much()),
        (0, Err(FrameError::TooDeep(8)))
    );
    assert!(
        fed(Resp::new(LIMIT, 8), b"*2000\r\n$20\r\n", much())
            .1
            .is_err()
    );
    assert_eq!(
        fed(Resp::new(LIMIT, 8), b"$16000\r\n", much()).1,
        Err(FrameError::NoLineEnd)
    );
    assert_eq!(fed(Resp::new(LIMIT, 8), b"+", much()), too_long);
    assert_eq!(fed(Resp::commands(LIMIT, 8), b"7", much()), too_long);
}

#[test]
fn a_long_good_stream_passes_in_constant_memory() {
    let much = much() / 8; // each byte of these is looked at
    let message = vec![b'x'; LIMIT - 20];
    let all = |again: &[u8]| (much.div_ceil(PIECE) * PIECE) / again.len();
    let line = [&message[..], b"\r\n"].concat();
    assert_eq!(fed(Lines::new(LIMIT), &line, much), (all(&line), Ok(())));
    let netstring = Netstrings::written(&message);
    assert_eq!(
        fed(Netstrings::new(LIMIT), &netstring, much),
        (all(&netstring), Ok(()))
    );
    let prefixed = Prefixed::new(Prefix::Two, LIMIT);
    let written = prefixed.written(&message).expect("short enough");
    assert_eq!(fed(prefixed, &written, much), (all(&written), Ok(())));
    let values = one_box(LIMIT - 20);
    assert_eq!(
        fed(Boxes::new(LIMIT), &values, much),
        (all(&values), Ok(()))
    );
    let value = RespValue::command([&message[..LIMIT - 60]]).written();
    assert_eq!(
        fed(Resp::new(LIMIT, 1), &value, much),
        (all(&value), Ok(()))
    );
    assert_eq!(
        fed(Resp::commands(LIMIT, 1), b"\r\n", much / 8),
        (0, Ok(())),
        "empty lines are nothing"
    );
}

/// Half a million pieces of one byte. If each looked at all that came before, this would be 10^11
/// steps, and not end.
#[test]
fn one_byte_at_a_time_is_linear() {
    fn count<F: Framing>(mut framing: F, stream: &[u8]) -> usize {
        let mut messages = 0;
        for byte in stream.chunks(1) {
            framing.feed(byte);
            while framing.next_message().expect("no error").is_some() {
                messages += 1;
            }
        }
        assert_eq!(framing.left_over(), 0);
        messages
    }
    let long = vec![b'x'; 1 << 19];
    let limit = long.len() + 20;
    assert_eq!(count(Lines::new(limit), &[&long[..], b"\r\n"].concat()), 1);
    assert_eq!(
        count(Netstrings::new(limit), &Netstrings::written(&long)),
        1
    );
    let prefixed = Prefixed::new(Prefix::Four, limit);
    let written = prefixed.written(&long).expect("short enough");
    assert_eq!(count(prefixed, &written), 1);
    let text = RespValue::Simple("x".repeat(1 << 19));
    for value in [
        RespValue::Bulk(long),
        text,
        RespValue::Array(vec![RespValue::Integer(1); 1 << 17]),
    ] {
        assert_eq!(count(Resp::new(1 << 20, 1), &value.written()), 1);
    }
    let many: KeyValues = (0..10_000_u32)
        .map(|n| (n.to_be_bytes().to_vec(), vec![b'v'; 40]))
        .collect();
    assert_eq!(
        count(Boxes::new(1 << 20), &Boxes::written(&many).expect("a box")),
        1
    );
}
