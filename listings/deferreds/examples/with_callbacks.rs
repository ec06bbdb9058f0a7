//! Two poems, one after the other, with callbacks.
use reactor::react;
use recital::{fetch, recite};
use std::{io, process::ExitCode};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let [first, second] = <[_; 2]>::try_from(recite(reactor, &["hope", "wind"])?).unwrap();
        // ANCHOR: nested
        fetch(
            reactor,
            &first,
            move |reactor, hope| {
                fetch(
                    reactor,
                    &second,
                    move |_, wind| {
                        say!("{} and {} bytes", hope.len(), wind.len());
                        drop(done);
                    },
                    |_, error| say!("no second poem: {error}"),
                );
            },
            |_, error| say!("no first poem: {error}"),
        );
        // ANCHOR_END: nested
        Ok::<(), io::Error>(())
    })
}
