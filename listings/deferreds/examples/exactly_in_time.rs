//! At exactly the time of the timeout, the timer that was made first decides.
use deferreds::{Deferred, TimedOut};
use reactor::{Handle, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: exactly
        let second = Duration::from_secs(1);

        let (resolver, poem) = Deferred::new();
        reactor.call_later(second, |_| resolver.callback("a poem"));
        show("the poem first", poem.add_timeout(reactor, second));

        let (resolver, poem) = Deferred::new();
        let poem = poem.add_timeout(reactor, second);
        reactor.call_later(second, |_| resolver.callback("a poem"));
        show("the timeout first", poem);
        // ANCHOR_END: exactly
        reactor.call_later(2 * second, |_: &Handle| drop(done));
        Ok::<(), io::Error>(())
    })
}

fn show(what: &'static str, poem: Deferred<&'static str>) {
    let _shown = poem
        .add_errback(|failure| {
            failure.trap::<TimedOut>()?;
            Ok("timed out")
        })
        .add_callback(move |text| {
            say!("{what}: {text}");
            Ok(())
        });
}
