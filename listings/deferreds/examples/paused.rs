//! A paused chain keeps its result until the pause ends.
use reactor::react;
use recital::{get_poem, recite};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let at = recite(reactor, &["wind"])?.remove(0);
        // ANCHOR: pause
        let poem = get_poem(reactor, &at);
        let pauser = poem.pauser();
        let clock = reactor.clone();
        let read = poem.add_callback(move |text| {
            say!("{:.1}: {} bytes are read", clock.now(), text.len());
            drop(done);
            Ok(())
        });

        let tea = pauser.pause();
        reactor.call_later(Duration::from_secs(1), move |reactor| {
            say!("{:.1}: the tea is drunk", reactor.now());
            drop(tea);
        });
        // ANCHOR_END: pause
        drop(read);
        Ok::<(), io::Error>(())
    })
}
