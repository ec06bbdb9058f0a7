//! Cancelling reaches what the chain waits for, whichever that is at the time.
use deferreds::{Cancelled, Deferred, defer_later};
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: cancel
/// Looks up every word, which takes a second. One word is better than none.
fn translate(reactor: &Handle, poem: String) -> Deferred<String> {
    let word = poem.split(' ').next().unwrap_or_default().to_uppercase();
    defer_later(reactor, Duration::from_secs(1), move |_| {
        Ok(poem.to_uppercase())
    })
    .add_errback(move |failure| {
        failure.trap::<Cancelled>()?;
        Ok(word)
    })
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let server = serve(reactor)?;
        for tenths in [1, 7] {
            let handle = reactor.clone();
            let poem = get_poem(reactor, &server)
                .add_callback(move |poem| translate(&handle, poem))
                .add_callback(|poem| Ok(poem.lines().next().unwrap_or_default().to_owned()));
            let canceller = poem.canceller();
            let done = done.clone();
            reactor.call_later(Duration::from_millis(100 * tenths), move |_| {
                canceller.cancel();
                drop(done);
            });
            let clock = reactor.clone();
            let _shown = poem
                .add_errback(|failure| Ok(failure.trap::<Cancelled>()?.to_string()))
                .add_callback(move |text| {
                    let when = clock.now();
                    say!("{when:.1}: cancel at {}: {text}", tenths as f64 / 10.0);
                    Ok(())
                });
        }
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: cancel

fn serve(reactor: &Handle) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named("wind").into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
