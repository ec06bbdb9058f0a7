//! A trap: an errback that takes one type of error.
use deferreds::{Deferred, Failure};
use reactor::react;
use recital::{get_poem, recite};
use std::{fmt, io, process::ExitCode};
use trace::say;

// ANCHOR: trap
/// The poem was there, and it is not one for today.
#[derive(Debug)]
struct TooSad;

impl fmt::Display for TooSad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this poem is too sad for today")
    }
}

impl std::error::Error for TooSad {}

fn choose(poem: Deferred<String>) -> Deferred<String> {
    poem.add_callback(|text| match text.contains("despair") {
        true => Err(Failure::from(TooSad)),
        false => Ok(text),
    })
    .add_errback(|failure| {
        let TooSad = failure.trap()?;
        say!("too sad, so a cheerful one");
        Ok("The year's at the spring".to_owned())
    })
    .add_errback(|failure| {
        let kind = failure.check::<io::Error>().map(io::Error::kind);
        say!("any other failure: {kind:?}");
        Ok("no poem".to_owned())
    })
}
// ANCHOR_END: trap

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["ozymandias"])?;
        // ANCHOR: main
        let poem = get_poem(reactor, &addresses[0]);
        // ANCHOR_END: main
        drop(choose(poem).add_callback(|line| {
            say!("{line}");
            drop(done);
            Ok(())
        }));
        Ok::<(), io::Error>(())
    })
}
