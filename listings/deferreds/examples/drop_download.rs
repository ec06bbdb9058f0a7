//! A Deferred that is dropped: its download goes on to the end, for nothing.
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let poem = get_poem(reactor, &serve(reactor)?);
        reactor.call_later(Duration::from_millis(150), move |reactor| {
            say!("{:.2}: enough", reactor.now());
            drop(poem);
        });
        reactor.call_later(Duration::from_millis(500), |_| drop(done));
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main

fn serve(reactor: &Handle) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named("wind").into_iter().collect(),
        pace: Pace::new(60, Duration::from_millis(100)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
