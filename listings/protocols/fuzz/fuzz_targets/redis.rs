//! Any bytes as what two clients of a small Redis send, in turn: bounds hold, and nothing is left
//! when they have gone.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| protocols_fuzz::two_clients(data));
