//! Lost: the callback itself fails, and the errback beside it is not for that.
use reactor::react;
use recital::{fetch, recite};
use std::{io, process::ExitCode};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope"])?;
        // ANCHOR: lost
        say!("how many poems are in the catalogue?");
        fetch(
            reactor,
            &addresses[0],
            move |_, catalogue| {
                let Ok(count) = catalogue.lines().next().unwrap_or("").parse::<u32>() else {
                    return; // and now?
                };
                say!("{count} poems");
                drop(done);
            },
            |_, error| say!("no catalogue: {error}"),
        );
        reactor.after_shutdown(|_| say!("the end"));
        // ANCHOR_END: lost
        Ok::<(), io::Error>(())
    })
}
