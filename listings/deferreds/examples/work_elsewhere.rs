//! Slow work in another thread as a Deferred: its result, or its failure.
use deferreds::{Failure, defer_to_thread, gather_results};
use reactor::react;
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: thread
/// The smallest divisor of `n`, found the slow way.
fn divisor(n: u64) -> Result<u64, Failure> {
    (2..n)
        .find(|d| n.is_multiple_of(*d))
        .ok_or_else(|| Failure::new(format!("{n} has none")))
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let work = [1_018_081, 1_000_003].map(|n| {
            defer_to_thread(reactor, move || divisor(n))
                .add_callback(move |d| Ok(format!("{n} is {d} times {}", n / d)))
                .add_errback(|failure| Ok(failure.to_string()))
        });
        let _shown = gather_results(work).add_callback(move |lines| {
            for line in lines {
                say!("{line}");
            }
            drop(done);
            Ok(())
        });
        say!("the loop is free");
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: thread
