//! A looping call keeps its grid, and says how many beats it missed.
use reactor::{LoopingCall, Reactor};
use std::{io, time::Duration};
use trace::say;

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    // ANCHOR: looping
    let tenth = Duration::from_millis(100);
    let mut beats = 0;
    let looping = LoopingCall::start_later(&handle, tenth, move |reactor, looping| {
        beats += looping.count();
        say!("{:.2}: beat {beats}", reactor.now());
        if beats == 2 {
            let working = looping.hold(); // the next beat waits for this
            reactor.call_later(tenth * 5 / 2, |reactor| {
                say!("{:.2}: the slow work is done", reactor.now());
                drop(working);
            });
        }
        if beats >= 6 {
            looping.stop();
        }
    });
    looping.when_done(|reactor| {
        say!("{:.2}: done", reactor.now());
        let _ = reactor.stop();
    });
    // ANCHOR_END: looping
    Ok(reactor.run()?)
}
