//! One poem from a slow server, and a stage that is called with it.
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let server = serve(reactor, "wind")?;
        let poem = get_poem(reactor, &server);
        say!("{:.1}: asked", reactor.now());
        let clock = reactor.clone();
        let _shown = poem.add_callback(move |poem| {
            say!("{:.1}: {} bytes have come", clock.now(), poem.len());
            say!("{}", poem.lines().next().unwrap_or_default());
            drop(done);
            Ok(())
        });
        say!("{:.1}: back to the loop", reactor.now());
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main

fn serve(reactor: &Handle, name: &str) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
