//! Any bytes as what two clients of a small Redis send, in turn: bounds hold, and nothing is left when they have gone.
#![no_main]
use protocols::{ClientId, Redis, RedisBounds};
use protocols_fuzz::{pieces, split};
use std::time::Duration;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
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
});
