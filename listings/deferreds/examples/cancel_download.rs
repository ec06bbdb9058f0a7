//! A cancelled download closes its connection, and the server stops.
use deferreds::Cancelled;
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let poem = get_poem(reactor, &serve(reactor)?);
        let canceller = poem.canceller();
        let (clock, hold) = (reactor.clone(), done.clone());
        let _shown = poem
            .add_callback(|poem| Ok(format!("{} bytes", poem.len())))
            .add_errback(|failure| Ok(failure.trap::<Cancelled>()?.to_string()))
            .add_callback(move |text| {
                say!("{:.2}: {text}", clock.now());
                drop(hold);
                Ok(())
            });
        reactor.call_later(Duration::from_millis(150), move |reactor| {
            say!("{:.2}: enough", reactor.now());
            canceller.cancel();
            say!("{:.2}: and now something else", reactor.now());
        });
        // Long enough to see whether more comes.
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
