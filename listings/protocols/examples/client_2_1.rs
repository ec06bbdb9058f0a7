//! Poetry client 2.1: a poem is a Deferred, and its caller need not know of protocols.
use deferreds::gather_results;
use protocols::get_poem;
use reactor::react;
use recital::recite;
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let mut addresses = recite(reactor, &["hope", "wind"])?;
        addresses.push(reactor::Address::loopback(9)); // no server is there
        let poems = addresses.iter().map(|address| {
            get_poem(reactor, address).add_both(|result| {
                match &result {
                    Ok(poem) => say!("a poem of {} bytes", poem.len()),
                    Err(failure) => say!("no poem: {failure}"),
                }
                Ok(usize::from(result.is_ok()))
            })
        });
        let _shown = gather_results(poems).add_callback(move |found| {
            say!("{} poems of {}", found.iter().sum::<usize>(), found.len());
            drop(done);
            Ok(())
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main
