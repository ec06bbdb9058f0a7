//! An errback may ask another server: it returns a Deferred, and the chain waits for it.
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: elsewhere
        let (here, there) = (Address::loopback(1), serve(reactor, "eagle")?);
        let handle = reactor.clone();
        let _shown = get_poem(reactor, &here)
            .add_errback(move |_| get_poem(&handle, &there))
            .add_callback(move |poem| {
                say!("{}", poem.lines().next().unwrap_or_default());
                drop(done);
                Ok(())
            });
        // ANCHOR_END: elsewhere
        Ok::<(), io::Error>(())
    })
}

fn serve(reactor: &Handle, name: &str) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
