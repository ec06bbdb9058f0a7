//! A program that is one task ends when its last hold is dropped.
use reactor::{Handle, Hold, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        greet(reactor, "Ada", 2, done.clone());
        greet(reactor, "Grace", 1, done);
        Ok::<(), io::Error>(())
    })
}

fn greet(reactor: &Handle, name: &'static str, tenths: u64, done: Hold) {
    reactor.call_later(Duration::from_millis(100 * tenths), move |reactor| {
        say!("{:.1}: good morning, {name}", reactor.now());
        drop(done);
    });
}
// ANCHOR_END: main
