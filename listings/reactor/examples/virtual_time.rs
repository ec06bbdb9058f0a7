//! An egg timer that runs in real time and in virtual time.
use reactor::{Handle, Reactor};
use std::{io, time::Duration};
use trace::say;

fn count_down(reactor: &Handle, seconds: u32) {
    if seconds == 0 {
        say!("{:.1}: the egg is done", reactor.now());
        let _ = reactor.stop();
        return;
    }
    if seconds < 3 {
        say!("{:.1}: {seconds} s to go", reactor.now());
    }
    reactor.call_later(Duration::from_secs(1), move |reactor| {
        count_down(reactor, seconds - 1)
    });
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    reactor.handle().call_soon(|reactor| {
        say!("{:.1}: the egg is in the water", reactor.now());
        count_down(reactor, 3);
    });
    Ok(reactor.run()?)
}
