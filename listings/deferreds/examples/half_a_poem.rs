//! Half a poem: a reset is a failure; an early end is a value, until a stage looks at it.
use deferreds::{Deferred, Failure};
use poetry::{Fault, Options, Pace, Poem};
use reactor::{Address, Handle, Hold, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: whole
/// A poem ends at the end of a line.
fn whole(poem: String) -> Result<String, Failure> {
    if !poem.ends_with('\n') {
        return Err(Failure::new("the poem has no end"));
    }
    Ok(poem)
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let reset = serve(reactor, Fault::Reset, 0)?;
        show("reset", get_poem(reactor, &reset), &done);
        let short = serve(reactor, Fault::Truncate, 1)?;
        show("truncated", get_poem(reactor, &short), &done);
        let short = serve(reactor, Fault::Truncate, 2)?;
        let looked_at = get_poem(reactor, &short).add_callback(whole);
        show("truncated, and looked at", looked_at, &done);
        Ok::<(), io::Error>(())
    })
}

fn show(what: &'static str, poem: Deferred<String>, done: &Hold) {
    let done = done.clone();
    let _shown = poem
        .add_callback(|poem| Ok(format!("a poem of {} bytes", poem.len())))
        .add_errback(|failure| match failure.check::<io::Error>() {
            Some(error) => Ok(error.kind().to_string()),
            None => Ok(failure.to_string()),
        })
        .add_callback(move |text| {
            say!("{what}: {text}");
            drop(done);
            Ok(())
        });
}
// ANCHOR_END: whole

/// Servers that begin one after the other, so that the lines have an order.
fn serve(reactor: &Handle, fault: Fault, late: u64) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named("requiem").into_iter().collect(),
        pace: Pace {
            late: Duration::from_millis(100 * late),
            ..Pace::new(120, Duration::from_millis(200))
        },
        fault,
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
