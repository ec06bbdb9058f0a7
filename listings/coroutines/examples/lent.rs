//! A limit on a Deferred that is given away, and on one that is lent.
use coroutines::{run, timeout};
use deferreds::{Failure, TimedOut};
use reactor::Handle;
use recital::{get_poem, recite};
use std::{process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
const LIMIT: Duration = Duration::from_millis(150);

async fn read(reactor: Handle) -> Result<(), Failure> {
    let at = recite(&reactor, &["hope"])?.remove(0);

    say!("{:.2}: given away", reactor.now());
    let poem = get_poem(&reactor, &at);
    match timeout(&reactor, LIMIT, poem).await {
        Ok(poem) => say!("{:.2}: {} bytes", reactor.now(), poem?.len()),
        Err(TimedOut) => say!("{:.2}: too late, and cancelled", reactor.now()),
    }

    say!("{:.2}: lent", reactor.now());
    let mut poem = get_poem(&reactor, &at).into_future();
    let poem = loop {
        match timeout(&reactor, LIMIT, &mut poem).await {
            Ok(poem) => break poem?,
            Err(TimedOut) => say!("{:.2}: not yet", reactor.now()),
        }
    };
    say!("{:.2}: {} bytes", reactor.now(), poem.len());
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main
