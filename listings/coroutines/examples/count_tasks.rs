//! Tasks that count together: what they share stays in one thread.
use coroutines::{run, spawn};
use deferreds::{Failure, gather_results};
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::{cell::Cell, process::ExitCode, rc::Rc};
use trace::say;

// ANCHOR: main
async fn count(reactor: Handle, at: Address, finished: Rc<Cell<u32>>) -> Result<(), Failure> {
    let poem = get_poem(&reactor, &at).await?;
    finished.set(finished.get() + 1);
    let now = reactor.now();
    say!("{now:.1}: {} bytes, number {}", poem.len(), finished.get());
    Ok(())
}

async fn all(reactor: Handle) -> Result<(), Failure> {
    let finished = Rc::new(Cell::new(0));
    let tasks = recite(&reactor, &["tyger", "hope", "eagle"])?
        .into_iter()
        .map(|at| spawn(&reactor, count(reactor.clone(), at, finished.clone())));
    gather_results(tasks).await?;
    say!("{} poems", finished.get());
    Ok(())
}

fn main() -> ExitCode {
    run(all)
}
// ANCHOR_END: main
