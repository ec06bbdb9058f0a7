//! A server that breaks off in the middle of a poem, and a client that takes what came for the
//! whole.
use poetry::{Fault, Options, Pace, Poem};
use protocols::get_poem;
use reactor::{Address, Handle, react};
use recital::{Recital, recite};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: two
        let whole = recite(reactor, &["hope"])?.remove(0);
        let broken = breaks_off(reactor)?;
        for (name, address) in [("a good server", whole), ("one that breaks off", broken)] {
            let done = done.clone();
            let _shown = get_poem(reactor, &address).add_both(move |result| {
                match result {
                    Ok(poem) => say!("{name}: a poem of {} bytes, it says", poem.len()),
                    Err(failure) => say!("{name}: {failure}"),
                }
                drop(done);
                Ok(())
            });
        }
        // ANCHOR_END: two
        Ok::<(), io::Error>(())
    })
}

fn breaks_off(reactor: &Handle) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named("hope").into_iter().collect(),
        pace: Pace::new(50, Duration::from_millis(100)),
        fault: Fault::Truncate,
        ..Options::default()
    };
    Ok(trace::host("breaks off", || Recital::start(reactor, options))?.addresses()[0].clone())
}
