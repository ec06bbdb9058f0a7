//! A job every second, which takes longer, fails, and is stopped in the middle.
use applications::{Service, TimedJob};
use deferreds::{Failure, defer_later};
use reactor::{Hold, react};
use std::{cell::Cell, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done: Hold| {
        let runs = Cell::new(0);
        let backup = TimedJob::new("backup", Duration::from_secs(1), move |reactor| {
            let run = runs.replace(runs.get() + 1);
            // The first one has much to do; the second one finds the disk full.
            let tenths = [25, 1, 5][run];
            say!("{:.1}: run {} begins", reactor.now(), run + 1);
            let clock = reactor.clone();
            defer_later(reactor, Duration::from_millis(100 * tenths), move |_| {
                if run == 1 {
                    say!("{:.1}: run 2 fails", clock.now());
                    return Err(Failure::new("the disk is full"));
                }
                say!("{:.1}: run {} is done", clock.now(), run + 1);
                Ok(())
            })
        });
        backup.start(reactor)?;
        let stops = Rc::clone(&backup);
        reactor.call_later(Duration::from_millis(4200), move |reactor| {
            say!("{:.1}: it is told to stop", reactor.now());
            let clock = reactor.clone();
            stops.stop(reactor).on_result(move |_| {
                say!("{:.1}: it has stopped", clock.now());
                drop(done);
            });
        });
        Ok::<(), Failure>(())
    })
}
// ANCHOR_END: main
