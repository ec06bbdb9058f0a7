//! Any bytes as a stream of boxes.
#![no_main]
use protocols::Boxes;
use protocols_fuzz::{LIMIT, keeps_its_promises};

libfuzzer_sys::fuzz_target!(|data: &[u8]| keeps_its_promises(|| Boxes::new(LIMIT), data));
