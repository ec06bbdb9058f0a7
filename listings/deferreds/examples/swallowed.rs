//! A mistake: an errback that handles what it knows nothing about.
use deferreds::Failure;
use reactor::react;
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let at = recite(reactor, &["wind"])?.remove(0);
        // ANCHOR: swallowed
        let tenth = get_poem(reactor, &at)
            .add_callback(|text| {
                let missing = || Failure::new("this poem has no line 10");
                Ok(text.lines().nth(9).ok_or_else(missing)?.to_owned())
            })
            .add_errback(|_| {
                say!("the server is down, please try again later");
                Ok(String::new())
            });
        // ANCHOR_END: swallowed
        drop(tenth.add_both(move |result| {
            drop(done);
            result
        }));
        Ok::<(), io::Error>(())
    })
}
