//! Does not compile: one errback cannot be given to two downloads.
use recital::{fetch, recite};
use reactor::react;
use std::{io, process::ExitCode};

fn main() -> ExitCode {
    react(|reactor, done| {
        let [first, second] = <[_; 2]>::try_from(recite(reactor, &["hope", "wind"])?).unwrap();
        // ANCHOR: twice
        let report = move |_: &_, error: io::Error| {
            println!("no two poems: {error}");
            drop(done);
        };
        fetch(
            reactor,
            &first,
            move |reactor, hope| {
                fetch(
                    reactor,
                    &second,
                    move |_, wind| println!("{hope}{wind}"),
                    report,
                );
            },
            report,
        );
        // ANCHOR_END: twice
        Ok::<(), io::Error>(())
    })
}
