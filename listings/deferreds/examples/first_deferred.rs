//! A function that returns a Deferred at once, and a module that wants the poem and knows of no socket.
use reactor::react;
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: reader
mod reader {
    use deferreds::Deferred;

    /// Knows poems. Of sockets and loops it knows nothing.
    pub(crate) fn first_line(poem: Deferred<String>) -> Deferred<String> {
        poem.add_callback(|text| Ok(text.lines().next().unwrap_or("").to_owned()))
    }
}
// ANCHOR_END: reader

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope"])?;
        let poem = get_poem(reactor, &addresses[0]);
        say!("get_poem has returned");

        let line = reader::first_line(poem);
        say!("first_line has returned");

        drop(line.add_both(move |line| {
            match line {
                Ok(line) => say!("{line}"),
                Err(failure) => say!("no poem: {failure}"),
            }
            drop(done);
            Ok(())
        }));
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main
