//! What every framing promises, and the small Redis, for any bytes and any cuts.
use protocols::{ClientId, FrameError, Framing, Redis, RedisBounds};
use std::{fmt::Debug, time::Duration};

/// The limit of every framing here, in bytes.
pub const LIMIT: usize = 64;

/// The first byte says how many of the next ones are lengths of pieces, in turn; the rest is the
/// stream.
#[must_use]
pub fn split(data: &[u8]) -> (&[u8], &[u8]) {
    let Some((count, rest)) = data.split_first() else {
        return (&[], &[]);
    };
    rest.split_at(usize::from(count % 16).min(rest.len()))
}

/// The pieces of a stream.
pub fn pieces<'a>(lengths: &'a [u8], stream: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lengths = lengths.iter().cycle();
    let mut rest = stream;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let length = lengths
            .next()
            .map_or(rest.len(), |length| usize::from(*length).max(1));
        let (piece, next) = rest.split_at(length.min(rest.len()));
        rest = next;
        Some(piece)
    })
}

fn fed<'a, F: Framing>(
    mut framing: F,
    pieces: impl Iterator<Item = &'a [u8]>,
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
        assert!(
            framing.left_over() <= LIMIT + 16,
            "{} bytes are kept",
            framing.left_over()
        );
    }
    (messages, Ok(framing.left_over()))
}

/// Panics unless the framing keeps its promises for these bytes.
pub fn keeps_its_promises<F: Framing<Message: PartialEq + Debug>>(
    make: impl Fn() -> F,
    data: &[u8],
) {
    let (lengths, stream) = split(data);
    let whole = fed(make(), [stream].into_iter());
    assert_eq!(fed(make(), pieces(lengths, stream)), whole);
    assert_eq!(fed(make(), stream.chunks(1)), whole);
}

/// Panics unless bounds hold while two clients of a small Redis send these bytes in turn, and
/// nothing is left when they have gone.
pub fn two_clients(data: &[u8]) {
    let bounds = RedisBounds {
        command: 200,
        held: 2_000,
        waiting: 10_000,
        memory: 5_000,
        connections: 2,
    };
    let mut redis = Redis::new(bounds);
    let clients = [redis.connected(), redis.connected()];
    let (lengths, stream) = split(data);
    let mut now = Duration::ZERO;
    let mut out = |_: ClientId, bytes: &[u8]| assert!(!bytes.is_empty());
    for (turn, piece) in pieces(lengths, stream).enumerate() {
        redis.received(clients[turn % 2], piece, now, &mut out);
        assert!(redis.memory() <= bounds.memory);
        if turn % 5 == 4 {
            now += Duration::from_millis(700);
            redis.time_passed(now, &mut out);
            assert!(redis.next_deadline().is_none_or(|when| when > now));
        }
    }
    for client in clients {
        redis.disconnected(client);
    }
    redis.time_passed(Duration::MAX, &mut out);
    assert_eq!(redis.clients(), 0);
}
