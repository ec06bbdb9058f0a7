//! No server listens: the failure passes the stages by, up to the errback.
use reactor::{Address, react};
use recital::get_poem;
use std::{io, process::ExitCode};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: nobody
        let nobody = Address::loopback(1);
        let _shown = get_poem(reactor, &nobody)
            .add_callback(|poem| Ok(poem.split_whitespace().count()))
            .add_callback(|words| Ok(format!("{words} words")))
            .add_errback(|failure| {
                let error: io::Error = failure.trap()?;
                Ok(format!("no poem today: {}", error.kind()))
            })
            .add_callback(move |text| {
                say!("{text}");
                drop(done);
                Ok(())
            });
        // ANCHOR_END: nobody
        Ok::<(), io::Error>(())
    })
}
