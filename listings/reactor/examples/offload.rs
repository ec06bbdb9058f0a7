//! Slow work in another thread; its result comes back as a callback.
use reactor::Reactor;
use std::{cell::RefCell, io, rc::Rc};
use trace::say;

/// How many primes there are below `limit`, found the slow way.
fn primes(limit: u64) -> usize {
    (2..limit)
        .filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0))
        .count()
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    // ANCHOR: offload
    let results = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&results);
    handle.offload(
        || primes(100_000), // in another thread
        move |reactor, count| {
            // in ours: it may use what is not Send
            kept.borrow_mut().push(count);
            say!("{count} primes below 100000");
            let _ = reactor.stop();
        },
    );
    handle.call_soon(|_| say!("the loop is free"));
    // ANCHOR_END: offload
    reactor.run()?;
    assert_eq!(*results.borrow(), [9592]);
    Ok(())
}
