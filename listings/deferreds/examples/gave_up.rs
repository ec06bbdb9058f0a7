//! A timeout and a cancel by hand end the same wait, and can be told apart.
use deferreds::{Cancelled, Deferred};
use poetry::{Fault, Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: patience
/// The poem; instead of one that takes too long, one that we know by heart.
fn patiently(reactor: &Handle, server: &Address) -> Deferred<String> {
    get_poem(reactor, server).add_timeout_with(
        reactor,
        Duration::from_secs(1),
        |_cancelled, _time| Ok("Who has seen the wind?".to_owned()),
    )
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let silent = serve(reactor)?;
        for hurry in [false, true] {
            let poem = patiently(reactor, &silent);
            let canceller = poem.canceller();
            if hurry {
                reactor.call_later(Duration::from_millis(300), move |_| canceller.cancel());
            }
            let (clock, done) = (reactor.clone(), done.clone());
            let _shown = poem
                .add_errback(|failure| Ok(failure.trap::<Cancelled>()?.to_string()))
                .add_callback(move |text| {
                    say!("{:.1}: {text}", clock.now());
                    drop(done);
                    Ok(())
                });
        }
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: patience

fn serve(reactor: &Handle) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named("wind").into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        fault: Fault::Stall,
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
