//! A stage turns the poem into a number, so the function returns a Deferred of a number.
use deferreds::Deferred;
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: words
/// How many words the poem at `server` has.
fn count_words(reactor: &Handle, server: &Address) -> Deferred<usize> {
    get_poem(reactor, server).add_callback(|poem| Ok(poem.split_whitespace().count()))
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let server = serve(reactor, "wind")?;
        let _shown = count_words(reactor, &server)
            .add_callback(|words| Ok(words >= 100))
            .add_callback(move |long| {
                say!("{}", if long { "a long one" } else { "a short one" });
                drop(done);
                Ok(())
            });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: words

fn serve(reactor: &Handle, name: &str) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
