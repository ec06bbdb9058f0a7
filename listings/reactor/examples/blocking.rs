//! A callback that blocks for half a second, and the beats that are lost meanwhile.
use reactor::{LoopingCall, Reactor};
use std::{io, thread, time::Duration};

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    let ms = Duration::from_millis;

    // ANCHOR: main
    LoopingCall::start_later(&handle, ms(100), |_, looping| match looping.count() {
        1 => println!("beat"),
        count => println!("beat, and {} were lost", count - 1),
    });
    handle.call_later(ms(250), move |_| {
        println!("something slow begins");
        thread::sleep(ms(500));
        println!("something slow ends");
    });
    handle.call_later(ms(1050), |reactor| {
        let _ = reactor.stop();
    });
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}
