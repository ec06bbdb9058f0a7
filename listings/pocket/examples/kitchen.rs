//! Timers, one of them cancelled, and a call for now.
#[path = "../steps/reactor_2.rs"]
mod reactor;
// ANCHOR: main
use reactor::{Handle, Reactor};
use std::time::Duration;

const MINUTE: Duration = Duration::from_millis(20);

fn main() {
    let mut reactor = Reactor::new();
    let handle = reactor.handle();
    let noon = handle.call_later(5 * MINUTE, |_| println!("a call at noon"));
    handle.call_later(7 * MINUTE, |reactor| {
        println!("eggs");
        reactor.call_soon(Handle::stop);
    });
    handle.call_later(2 * MINUTE, move |reactor| {
        println!("tea");
        reactor.cancel(noon);
        reactor.call_later(Duration::ZERO, |_| println!("and a biscuit"));
    });
    handle.call_soon(|_| println!("hungry"));
    reactor.run();
}
// ANCHOR_END: main
