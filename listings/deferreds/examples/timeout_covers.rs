//! A timeout covers the stages before it, and not the ones after it.
use deferreds::{Deferred, TimedOut, defer_later};
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, Hold, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: covers
/// Looks up every word, which takes a second.
fn translate(reactor: &Handle, poem: String) -> Deferred<String> {
    defer_later(reactor, Duration::from_secs(1), move |_| {
        Ok(poem.to_uppercase())
    })
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let server = serve(reactor, "wind")?;
        let half_a_second = Duration::from_millis(500);

        let handle = reactor.clone();
        let fetched_in_time = get_poem(reactor, &server)
            .add_timeout(reactor, half_a_second)
            .add_callback(move |poem| translate(&handle, poem));
        show(reactor, "fetched in time", fetched_in_time, &done);

        let handle = reactor.clone();
        let all_in_time = get_poem(reactor, &server)
            .add_callback(move |poem| translate(&handle, poem))
            .add_timeout(reactor, half_a_second);
        show(reactor, "all in time", all_in_time, &done);
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: covers

fn show(reactor: &Handle, what: &'static str, poem: Deferred<String>, done: &Hold) {
    let (clock, done) = (reactor.clone(), done.clone());
    let _shown = poem
        .add_callback(|poem| Ok(poem.lines().next().unwrap_or_default().to_owned()))
        .add_errback(|failure| Ok(failure.trap::<TimedOut>()?.to_string()))
        .add_callback(move |text| {
            say!("{:.1}: {what}: {text}", clock.now());
            drop(done);
            Ok(())
        });
}

fn serve(reactor: &Handle, name: &str) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
