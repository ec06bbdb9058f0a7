//! Wrong: hands out a hold that holds nothing up.
use std::time::Duration;
use untwisted::reactor::{Handle, Hold, LoopingCall};

/// Calls `receipt` with the number of minutes that passed since the receipt before it.
pub fn meter(
    reactor: &Handle,
    minute: Duration,
    mut receipt: impl FnMut(&Handle, u64, Hold) + 'static,
) -> LoopingCall {
    LoopingCall::start_later(reactor, minute, move |reactor, looping| {
        receipt(reactor, looping.count(), Hold::new(reactor, |_| {}));
    })
}
