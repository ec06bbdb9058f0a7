//! Any bytes as a stream of resp.
#![no_main]
use protocols::Resp;
use protocols_fuzz::{LIMIT, keeps_its_promises};

libfuzzer_sys::fuzz_target!(|data: &[u8]| keeps_its_promises(|| Resp::new(LIMIT, 3), data));
