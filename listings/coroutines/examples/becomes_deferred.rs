//! From a future to a Deferred: `spawn` returns one, and it has stages like any other.
use coroutines::spawn;
use deferreds::Failure;
use reactor::{Address, Handle, react};
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: main
async fn first_line(reactor: Handle, at: Address) -> Result<String, Failure> {
    let poem = get_poem(&reactor, &at).await?;
    Ok(poem.lines().next().unwrap_or_default().to_owned())
}

fn loud(line: String) -> Result<String, Failure> {
    Ok(line.to_uppercase())
}

fn kind_word(failure: Failure) -> Result<String, Failure> {
    let error = failure.trap::<io::Error>()?;
    Ok(format!("no poem: {}", error.kind()))
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let hope = recite(reactor, &["hope"])?.remove(0);
        for at in [hope, Address::loopback(1)] {
            let (line, done) = (
                spawn(reactor, first_line(reactor.clone(), at)),
                done.clone(),
            );
            let shown = line
                .add_callback(loud)
                .add_errback(kind_word)
                .add_callback(|line| {
                    say!("{line}");
                    drop(done);
                    Ok(())
                });
            drop(shown); // the tasks go on
        }
        say!("both are spawned");
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main
