//! Does not compile: a callback gets a handle, and a handle cannot run.
use reactor::{Os, Reactor};
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let mut reactor = Reactor::new(Os::new()?);
    // ANCHOR: inside
    reactor.handle().call_soon(|reactor| {
        reactor.call_later(Duration::from_secs(1), |_| println!("a second later"));
        reactor.run(); // wait here for that second
    });
    // ANCHOR_END: inside
    Ok(reactor.run()?)
}
