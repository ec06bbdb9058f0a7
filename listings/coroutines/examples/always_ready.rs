//! An await that is ready does not wait: a task whose awaits are always ready is one poll.
use coroutines::{join, run, spawn, yield_now};
use deferreds::{Failure, Queue};
use reactor::Handle;
use std::{cell::Cell, process::ExitCode, rc::Rc};
use trace::say;

// ANCHOR: reader
/// Reads 1,000 lines that are all there already.
async fn reader(name: &str, total: Rc<Cell<u32>>, polite: bool) -> Result<(), Failure> {
    let lines = full_queue();
    say!("{name} begins, {} lines have been read", total.get());
    for number in 1..=1000 {
        lines.get().await?; // ready: the task goes on
        total.set(total.get() + 1);
        if polite && number % 100 == 0 {
            yield_now().await;
        }
    }
    say!("{name} ends, {} lines have been read", total.get());
    Ok(())
}
// ANCHOR_END: reader

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    for polite in [false, true] {
        say!("{}", if polite { "with yield_now" } else { "without" });
        let total = Rc::new(Cell::new(0));
        let (ada, grace) = (Rc::clone(&total), total);
        let ada = spawn(&reactor, async move { reader("Ada", ada, polite).await });
        let grace = spawn(
            &reactor,
            async move { reader("Grace", grace, polite).await },
        );
        let (ada, grace) = join(ada.into_future(), grace.into_future()).await;
        ada.and(grace)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main

fn full_queue() -> Queue<u32> {
    let lines = Queue::new();
    for number in 0..1000 {
        drop(lines.put(number));
    }
    lines
}
