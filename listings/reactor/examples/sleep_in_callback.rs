//! A mistake: each greeting sleeps in the loop, so they come one by one.
use reactor::Reactor;
use std::{io, thread, time::Duration};

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    for name in ["Ada", "Grace", "Edsger"] {
        handle.call_soon(move |reactor| {
            thread::sleep(Duration::from_millis(200)); // wait a little, then greet
            println!("{:.1}: good morning, {name}", reactor.now());
        });
    }
    handle.call_later(Duration::from_millis(300), |reactor| {
        println!("{:.1}: stop, due at 0.3 s", reactor.now());
        let _ = reactor.stop();
    });
    Ok(reactor.run()?)
}
