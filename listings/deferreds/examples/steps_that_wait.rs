//! Two jobs in steps; the steps of one must wait, and the other goes on meanwhile.
use deferreds::{Deferred, coiterate, defer_later, gather_results};
use reactor::{Handle, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: steps
/// Looks up a word in a dictionary, which takes 100 ms.
fn look_up(reactor: &Handle, word: &'static str) -> Deferred<()> {
    defer_later(reactor, Duration::from_millis(100), move |reactor| {
        say!("{:.1}: looked up {word}", reactor.now());
        Ok(())
    })
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let handle = reactor.clone();
        let words = ["Tyger", "burning", "bright"].into_iter();
        let reading = coiterate(reactor, words.map(move |word| look_up(&handle, word)));
        let counting = coiterate(
            reactor,
            (1..=3).map(|step| {
                say!("counted to {step}");
                Ok(())
            }),
        );
        let _shown = gather_results([reading, counting]).add_callback(move |_| {
            say!("both are done");
            drop(done);
            Ok(())
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: steps
