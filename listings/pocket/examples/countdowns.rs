//! Two countdowns take turns on a queue.
#[path = "../steps/reactor_1.rs"]
mod reactor;
// ANCHOR: main
use reactor::{Handle, Reactor};

fn countdown(reactor: &Handle, name: &'static str, n: u32) {
    println!("{name} {n}");
    match n {
        0 if name == "right" => reactor.stop(),
        0 => {}
        _ => reactor.call_soon(move |reactor| countdown(reactor, name, n - 1)),
    }
}

fn main() {
    let mut reactor = Reactor::new();
    let handle = reactor.handle();
    handle.call_soon(|reactor| countdown(reactor, "left", 2));
    handle.call_soon(|reactor| countdown(reactor, "right", 2));
    println!("nothing has run yet");
    reactor.run();
}
// ANCHOR_END: main
