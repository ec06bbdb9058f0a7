//! Any bytes as a stream of netstrings.
#![no_main]
use protocols::Netstrings;
use protocols_fuzz::{LIMIT, keeps_its_promises};

libfuzzer_sys::fuzz_target!(|data: &[u8]| keeps_its_promises(|| Netstrings::new(LIMIT), data));
