//! Dropping a Deferred stops nothing: the work goes on, and its result is dropped.
use deferreds::Deferred;
use reactor::{Handle, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: drop
fn work(reactor: &Handle) -> Deferred<u32> {
    say!("{:.1}: the work begins", reactor.now());
    let (resolver, answer) = Deferred::new();
    reactor.call_later(Duration::from_millis(200), |reactor| {
        say!("{:.1}: the work is done", reactor.now());
        resolver.callback(42);
    });
    answer
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let answer = work(reactor);
        reactor.call_later(Duration::from_millis(100), |reactor| {
            drop(answer);
            say!("{:.1}: I let go of it", reactor.now());
        });
        reactor.call_later(Duration::from_millis(300), |_| drop(done));
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: drop
