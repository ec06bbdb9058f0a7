//! Lost: the inner errback was forgotten, and the outer one does not hear of it.
use reactor::{Address, react};
use recital::{fetch, recite};
use std::{io, process::ExitCode};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope"])?;
        let nobody = Address::loopback(1);
        // ANCHOR: lost
        say!("two poems wanted");
        let report = |_: &_, error| say!("no two poems: {error}");
        fetch(
            reactor,
            &addresses[0],
            move |reactor, hope| {
                fetch(
                    reactor,
                    &nobody,
                    move |_, wind| {
                        say!("{} and {} bytes", hope.len(), wind.len());
                        drop(done);
                    },
                    |_, _| {}, // `report` hears of it, or doesn't it?
                );
            },
            report,
        );
        reactor.after_shutdown(|_| say!("the end"));
        // ANCHOR_END: lost
        Ok::<(), io::Error>(())
    })
}
