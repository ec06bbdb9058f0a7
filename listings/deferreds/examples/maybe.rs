//! Functions of any kind, called in the same way: maybe_deferred.
use deferreds::{Deferred, Failure, Outcome, maybe_deferred};
use reactor::{Handle, react};
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: source
/// Asks a source of poems, of whatever kind, and says what came of it.
fn ask<R: Outcome<Value = String>>(name: &'static str, source: impl FnOnce() -> R) -> Deferred<()> {
    maybe_deferred(source).add_callbacks(
        move |poem| {
            say!("{name}: {} bytes", poem.len());
            Ok(())
        },
        move |failure| {
            say!("{name}: {failure}");
            Ok(())
        },
    )
}
// ANCHOR_END: source

fn main() -> ExitCode {
    react(|reactor, done| {
        let at = recite(reactor, &["wind"])?.remove(0);
        // ANCHOR: main
        let again: Handle = reactor.clone();
        let asked = [
            ask("network", move || get_poem(&again, &at)),
            ask("memory", || Ok("The year's at the spring".to_owned())),
            ask("attic", || Err(Failure::new("nothing but dust"))),
        ];
        // ANCHOR_END: main
        for asked in asked {
            let done = done.clone();
            drop(asked.add_both(move |result| {
                drop(done);
                result
            }));
        }
        Ok::<(), io::Error>(())
    })
}
