//! Wrong: begins a new grid at the end of each receipt, so a part of a minute is lost each time.
use std::time::Duration;
use untwisted::reactor::{Handle, Hold, LoopingCall};

/// Calls `receipt` with the number of minutes that passed since the receipt before it.
pub fn meter(
    reactor: &Handle,
    minute: Duration,
    mut receipt: impl FnMut(&Handle, u64, Hold) + 'static,
) -> LoopingCall {
    let mut charged = reactor.now();
    LoopingCall::start_later(reactor, minute, move |reactor, looping| {
        let minutes = (reactor.now() - charged).as_secs() / minute.as_secs();
        charged = reactor.now();
        let looping = looping.clone();
        let working = looping.hold();
        let done = Hold::new(reactor, move |_| {
            drop(working);
            looping.reset();
        });
        receipt(reactor, minutes, done);
    })
}
