//! A stage returns a Deferred, and the chain waits for it.
use deferreds::Deferred;
use reactor::{Handle, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: square
fn slow_square(reactor: &Handle, n: u32) -> Deferred<u32> {
    let (resolver, square) = Deferred::new();
    reactor.call_later(Duration::from_secs(1), move |_| {
        resolver.fire(n.checked_mul(n).ok_or_else(|| TooLarge.into()));
    });
    square
}
// ANCHOR_END: square

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: chain
        let again = reactor.clone();
        let clock = reactor.clone();
        let chain = slow_square(reactor, 3)
            .add_callback(move |nine| slow_square(&again, nine))
            .add_callback(move |n| {
                say!("{:.1}: {n}", clock.now());
                Ok(())
            });
        // ANCHOR_END: chain
        drop(chain.add_both(move |result| {
            drop(done);
            result
        }));
        Ok::<(), io::Error>(())
    })
}

/// The square does not fit.
#[derive(Debug)]
struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the square is too large")
    }
}

impl std::error::Error for TooLarge {}
