//! A program whose main is a Deferred, and a shutdown that waits for another one.
use deferreds::{before_shutdown, defer_later, react};
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle};
use recital::{Recital, get_poem};
use std::{process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor| {
        let server = serve(reactor, "wind");
        before_shutdown(reactor, |reactor| {
            say!("{:.1}: the guests leave", reactor.now());
            let lights_out = |reactor: &Handle| {
                say!("{:.1}: lights out", reactor.now());
                Ok(())
            };
            defer_later(reactor, Duration::from_millis(500), lights_out)
        });
        let clock = reactor.clone();
        get_poem(reactor, &server).add_callback(move |poem| {
            say!("{:.1}: {} bytes", clock.now(), poem.len());
            Ok(())
        })
    })
}
// ANCHOR_END: main

fn serve(reactor: &Handle, name: &str) -> Address {
    let options = Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    };
    let recital = Recital::start(reactor, options).expect("a port is free");
    recital.addresses()[0].clone()
}
