//! Two rails: no server listens, and only the errback runs.
use deferreds::{Deferred, Failure};
use reactor::{Address, react};
use recital::get_poem;
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: chain
fn shout(poem: Deferred<String>, number: usize) -> Deferred<String> {
    poem.add_callback(move |text| line(&text, number))
        .add_callback(loud)
        .add_errback(kind_word)
}

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
// ANCHOR_END: chain

fn main() -> ExitCode {
    react(|reactor, done| {
        let nobody = Address::loopback(1);
        // ANCHOR: main
        let poem = get_poem(reactor, &nobody);
        let shown = shout(poem, 1).add_callback(|line| {
            say!("{line}");
            drop(done);
            Ok(())
        });
        // ANCHOR_END: main
        drop(shown);
        Ok::<(), io::Error>(())
    })
}
