//! From a Deferred to a future: `await` returns its value, or its failure.
use coroutines::run;
use deferreds::Failure;
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    let at = recite(&reactor, &["hope"])?.remove(0);
    let nobody = Address::loopback(1);

    let poem = get_poem(&reactor, &at).await?;
    say!("{:.1}: {} bytes", reactor.now(), poem.len());

    let lines = get_poem(&reactor, &at).add_callback(|poem| Ok(poem.lines().count()));
    say!("{:.1}: asked again", reactor.now());
    let lines = lines.await?;
    say!("{:.1}: {lines} lines", reactor.now());

    match get_poem(&reactor, &nobody).await {
        Ok(poem) => say!("{} bytes", poem.len()),
        Err(failure) => {
            let error = failure.trap::<io::Error>()?;
            say!("{:.1}: {}", reactor.now(), error.kind());
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main
