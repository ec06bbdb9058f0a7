//! Three threads count lines, and the tally is kept in the loop's thread.
use poetry::POEMS;
use reactor::Reactor;
use std::{cell::Cell, io, thread};

#[derive(Default)]
struct Tally {
    poems: Cell<usize>,
    lines: Cell<usize>,
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    // ANCHOR: threads
    for poem in &POEMS[..3] {
        let remote = handle.remote();
        thread::spawn(move || {
            let lines = poem.text.lines().count(); // in that thread
            remote.call(move |reactor| {
                // in the reactor's thread: a plain cell is enough
                let tally = reactor.extension::<Tally>();
                tally.poems.set(tally.poems.get() + 1);
                tally.lines.set(tally.lines.get() + lines);
                println!("{}: {lines} lines", poem.title);
                if tally.poems.get() == 3 {
                    println!("together: {} lines", tally.lines.get());
                    let _ = reactor.stop();
                }
            });
        });
    }
    // ANCHOR_END: threads
    Ok(reactor.run()?)
}
