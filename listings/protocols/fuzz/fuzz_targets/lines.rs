//! Any bytes as a stream of lines.
#![no_main]
use protocols::Lines;
use protocols_fuzz::{LIMIT, keeps_its_promises};

libfuzzer_sys::fuzz_target!(|data: &[u8]| keeps_its_promises(|| Lines::new(LIMIT), data));
