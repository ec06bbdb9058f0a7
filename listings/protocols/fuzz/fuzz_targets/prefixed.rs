//! Any bytes as messages after a length of one, two or four bytes.
#![no_main]
use protocols::{Prefix, Prefixed};
use protocols_fuzz::{LIMIT, keeps_its_promises};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for prefix in [Prefix::One, Prefix::Two, Prefix::Four] {
        keeps_its_promises(|| Prefixed::new(prefix, LIMIT), data);
    }
});
