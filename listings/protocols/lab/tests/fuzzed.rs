//! What the fuzz targets demand, here of bytes that proptest makes up: so that they compile and
//! hold in `ci/test`, too.
#[allow(unreachable_pub, reason = "there it is a library")]
#[path = "../../fuzz/src/lib.rs"]
mod demands;

use demands::{LIMIT, keeps_its_promises, two_clients};
use proptest::prelude::*;
use protocols::{Boxes, Lines, Netstrings, Prefix, Prefixed, Resp};

/// Pieces of which commands and messages are made, and any bytes among them.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        b"SET k v EX 1\r\n",
        b"GET k\r\n",
        b"LPUSH l a b\r\n",
        b"BLPOP l 1\r\n",
        b"MULTI\r\n",
        b"EXEC\r\n",
        b"WATCH k\r\n",
        b"SUBSCRIBE c\r\n",
        b"PUBLISH c m\r\n",
        b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        b"64:",
        b"4:hope,",
        b"\0\x04",
        b"\r\n",
    ];
    let word = prop::sample::select(words).prop_map(<[u8]>::to_vec);
    let any = proptest::collection::vec(any::<u8>(), 0..6);
    proptest::collection::vec(prop_oneof![3 => word, 1 => any], 0..20).prop_map(|all| all.concat())
}

/// How it is cut, and the stream, as the fuzz targets are given both.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let cuts = proptest::collection::vec(any::<u8>(), 0..15);
    (cuts, stream()).prop_map(|(cuts, stream)| [&[cuts.len() as u8][..], &cuts, &stream].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_framing_keeps_its_promises(data in data()) {
        keeps_its_promises(|| Lines::new(LIMIT), &data);
        keeps_its_promises(|| Netstrings::new(LIMIT), &data);
        for prefix in [Prefix::One, Prefix::Two, Prefix::Four] {
            keeps_its_promises(|| Prefixed::new(prefix, LIMIT), &data);
        }
        keeps_its_promises(|| Boxes::new(LIMIT), &data);
        keeps_its_promises(|| Resp::new(LIMIT, 3), &data);
        keeps_its_promises(|| Resp::commands(LIMIT, 1), &data);
    }

    #[test]
    fn a_redis_keeps_its_bounds(data in data()) {
        two_clients(&data);
    }
}
