//! Two poems, one after the other, with Deferreds: one errback hears of every failure.
use reactor::{Address, react};
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope"])?;
        let nobody = Address::loopback(1);
        // ANCHOR: chain
        let again = reactor.clone();
        let two = get_poem(reactor, &addresses[0])
            .add_callback(move |hope| {
                get_poem(&again, &nobody).add_callback(move |wind| Ok((hope, wind)))
            })
            .add_callback(|(hope, wind)| {
                say!("{} and {} bytes", hope.len(), wind.len());
                Ok(())
            })
            .add_errback(|failure| {
                say!("no two poems: {failure}");
                Ok(())
            });
        // ANCHOR_END: chain
        drop(two.add_both(move |_| {
            drop(done);
            Ok(())
        }));
        Ok::<(), io::Error>(())
    })
}
