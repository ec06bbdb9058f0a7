//! A meter that loses no minute: you write `meter`.
use std::time::Duration;
use untwisted::reactor::{Handle, Hold, LoopingCall};

/// Calls `receipt` with the number of minutes that passed since the receipt before it.
pub fn meter(
    reactor: &Handle,
    minute: Duration,
    mut receipt: impl FnMut(&Handle, u64, Hold) + 'static,
) -> LoopingCall {
    let _ = (reactor, minute);
    let _ = move |reactor: &Handle, hold: Hold| receipt(reactor, 1, hold);
    todo!()
}
