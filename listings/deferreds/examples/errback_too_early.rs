//! A mistake: the errback stands above the callback that fails.
use deferreds::{Deferred, Failure};
use reactor::react;
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: chain
fn shout(poem: Deferred<String>, number: usize) -> Deferred<String> {
    poem.add_errback(kind_word)
        .add_callback(move |text| line(&text, number))
        .add_callback(loud)
}
// ANCHOR_END: chain

fn line(text: &str, number: usize) -> Result<String, Failure> {
    let missing = || Failure::new(format!("the poem has no line {number}"));
    let line = text.lines().nth(number - 1).ok_or_else(missing)?;
    Ok(line.to_owned())
}

fn loud(line: String) -> Result<String, Failure> {
    Ok(line.to_uppercase())
}

fn kind_word(failure: Failure) -> Result<String, Failure> {
    Ok(format!("no line today: {failure}"))
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope"])?;
        // ANCHOR: main
        let poem = get_poem(reactor, &addresses[0]);
        let shown = shout(poem, 21).add_callback(|line| {
            say!("{line}");
            drop(done);
            Ok(())
        });
        // ANCHOR_END: main
        drop(shown);
        Ok::<(), io::Error>(())
    })
}
