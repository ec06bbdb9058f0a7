//! A shutdown that waits until the last hold is dropped.
use reactor::Reactor;
use std::{io, time::Duration};
use trace::say;

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    // ANCHOR: triggers
    for (name, tenths) in [("the log", 2), ("the guests", 4)] {
        handle.before_shutdown(move |reactor, hold| {
            say!("{:.1}: {name}: one moment", reactor.now());
            reactor.call_later(Duration::from_millis(100 * tenths), move |reactor| {
                say!("{:.1}: {name}: done", reactor.now());
                drop(hold);
            });
        });
    }
    handle.during_shutdown(|reactor| say!("{:.1}: lights out", reactor.now()));
    handle.call_later(Duration::from_millis(100), |reactor| {
        say!("{:.1}: stop", reactor.now());
        let _ = reactor.stop();
    });
    // ANCHOR_END: triggers
    reactor.run()?;
    say!("{:.1}: home", handle.now());
    Ok(())
}
