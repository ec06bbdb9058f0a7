//! Two ends: one promises and fires, the other one waits.
use deferreds::Deferred;
use reactor::react;
use std::{io, process::ExitCode, time::Duration};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: ends
        let (resolver, line) = Deferred::<String>::new();

        let length = line.add_callback(|text| {
            say!("the callback is given {text:?}");
            Ok(text.len())
        });

        reactor.call_later(Duration::from_secs(1), move |reactor| {
            say!("{:.1}: the resolver fires", reactor.now());
            resolver.callback("Tyger Tyger, burning bright".to_owned());
            say!("{:.1}: it has fired", reactor.now());
        });
        // ANCHOR_END: ends

        drop(length.add_both(move |length| {
            match length {
                Ok(length) => say!("{length} bytes"),
                Err(failure) => say!("no line: {failure}"),
            }
            drop(done);
            Ok(())
        }));
        Ok::<(), io::Error>(())
    })
}
