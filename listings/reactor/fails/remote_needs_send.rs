//! Does not compile: what belongs to one thread cannot go to another.
use reactor::{Os, Reactor};
use std::{cell::Cell, rc::Rc, thread};

fn main() -> std::io::Result<()> {
    let mut reactor = Reactor::new(Os::new()?);
    let remote = reactor.handle().remote();

    // ANCHOR: send
    let poems = Rc::new(Cell::new(0));
    let counter = Rc::clone(&poems);
    thread::spawn(move || remote.call(move |_| counter.set(counter.get() + 1)));
    // ANCHOR_END: send
    Ok(reactor.run()?)
}
