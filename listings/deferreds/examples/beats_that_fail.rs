//! A looping call whose beats are Deferreds, and whose end is one.
use deferreds::{Failure, defer_later, looping_call};
use reactor::react;
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: looping
fn main() -> ExitCode {
    react(|reactor, done| {
        let tenth = Duration::from_millis(100);
        let mut battery = 3;
        let (_looping, end) = looping_call(reactor, tenth, move |reactor, looping| {
            say!(
                "{:.2}: a beat that stands for {}",
                reactor.now(),
                looping.count()
            );
            battery -= 1;
            // Measuring takes 150 ms, so every second beat is missed.
            defer_later(reactor, tenth * 3 / 2, move |_| match battery {
                0 => Err(Failure::new("the battery is empty")),
                _ => Ok(()),
            })
        });
        let clock = reactor.clone();
        let _shown = end.add_errback(move |failure| {
            say!("{:.2}: no more beats: {failure}", clock.now());
            drop(done);
            Ok(())
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: looping
