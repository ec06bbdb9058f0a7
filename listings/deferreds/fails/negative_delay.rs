//! Does not compile: a delay is a duration, and a duration is never negative.
use reactor::Handle;
use std::time::Duration;

// ANCHOR: negative
fn soon(reactor: &Handle) {
    reactor.call_later(Duration::from_secs(-1), |_| println!("yesterday"));
}
// ANCHOR_END: negative

fn main() {}
