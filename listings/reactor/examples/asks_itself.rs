//! A mistake: a callback asks the loop and waits; the loop waits for it.
use reactor::Reactor;
use std::{io, thread};

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    let remote = handle.remote();

    // ANCHOR: ask
    let elsewhere = remote.clone();
    thread::spawn(move || {
        println!("from another thread: {:?}", elsewhere.ask(|_| 6 * 7));
        elsewhere.call(move |reactor| {
            println!("from the loop: {:?}", remote.ask(|_| 6 * 7));
            let _ = reactor.stop();
        });
    });
    // ANCHOR_END: ask
    Ok(reactor.run()?)
}
