//! A promise that is forgotten: who waits is told.
use deferreds::{Abandoned, Deferred};
use reactor::react;
use std::{io, process::ExitCode, time::Duration};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: abandoned
        let (resolver, line) = Deferred::<String>::new();
        reactor.call_later(Duration::from_secs(1), move |reactor| {
            let is_sunday = true;
            if !is_sunday {
                resolver.callback("Tyger Tyger, burning bright".to_owned());
            }
            say!("{:.1}: this function ends", reactor.now());
        });
        let line = line.add_errback(|failure| {
            let forgotten = failure.check::<Abandoned>().is_some();
            say!("forgotten: {forgotten}: {failure}");
            Ok("".to_owned())
        });
        // ANCHOR_END: abandoned
        drop(line.add_callback(move |_| {
            drop(done);
            Ok(())
        }));
        Ok::<(), io::Error>(())
    })
}
