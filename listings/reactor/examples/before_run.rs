//! Nothing happens before `run`, and `run` ends when a callback says so.
use reactor::Reactor;
use std::{io, time::Duration};
use trace::say;

fn main() -> io::Result<()> {
    // ANCHOR: main
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    handle.call_soon(|_| say!("3: a call"));
    handle.when_running(|_| say!("2: the reactor runs"));
    handle.call_later(Duration::from_millis(100), |reactor| {
        say!("4: a timer says stop: {:?}", reactor.stop());
        say!("5: and again: {:?}", reactor.stop());
        reactor.call_soon(|_| say!("6: the last turn"));
    });
    say!("1: stop before it runs: {:?}", handle.stop());

    reactor.run()?;
    say!(
        "7: run has returned; run again: {}",
        reactor.run().unwrap_err()
    );
    // ANCHOR_END: main
    Ok(())
}
