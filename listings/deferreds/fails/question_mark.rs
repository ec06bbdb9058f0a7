//! Does not compile: a callback that returns nothing has nowhere to put an error.
use recital::{fetch, recite};
use reactor::react;
use std::{io, process::ExitCode};

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope"])?;
        // ANCHOR: question_mark
        fetch(
            reactor,
            &addresses[0],
            move |_, catalogue| {
                let count: u32 = catalogue.lines().next().unwrap_or("").parse()?;
                println!("{count} poems");
                drop(done);
            },
            |_, error| println!("no catalogue: {error}"),
        );
        // ANCHOR_END: question_mark
        Ok::<(), io::Error>(())
    })
}
