//! Two long jobs as iterators: the reactor takes a step of each in turn.
use reactor::{Hold, Reactor};
use std::io;
use trace::say;

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    // ANCHOR: cooperate
    let done = Hold::new(&handle, |reactor| {
        say!("both are done");
        let _ = reactor.stop();
    });
    for (name, steps) in [("left", 3), ("right", 2)] {
        let task = handle.cooperate((1..=steps).map(move |step| say!("{name}: step {step}")));
        let done = done.clone();
        task.when_done(move |_, how| {
            say!("{name}: {how:?}");
            drop(done);
        });
    }
    drop(done);
    // ANCHOR_END: cooperate
    Ok(reactor.run()?)
}
