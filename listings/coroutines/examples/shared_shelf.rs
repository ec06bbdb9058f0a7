//! Three tasks and one shelf, in one thread: an Rc, a RefCell, and no bound on what a task may hold.
use coroutines::{join_all, run, spawn};
use deferreds::Failure;
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::{cell::RefCell, process::ExitCode, rc::Rc};
use trace::say;

// ANCHOR: main
type Shelf = Rc<RefCell<Vec<String>>>;

async fn fetch(reactor: Handle, at: Address, shelf: Shelf) -> Result<(), Failure> {
    let poem = get_poem(&reactor, &at).await?;
    let mut shelf = shelf.borrow_mut(); // after the await, and until the end
    shelf.push(poem);
    say!("{:.1}: {} on the shelf", reactor.now(), shelf.len());
    Ok(())
}

async fn read(reactor: Handle) -> Result<(), Failure> {
    let shelf = Shelf::default();
    let at = recite(&reactor, &["hope", "tyger", "eagle"])?;
    let tasks = at.into_iter().map(|at| {
        let task = fetch(reactor.clone(), at, shelf.clone());
        spawn(&reactor, task)
    });
    for end in join_all(tasks).await {
        end?;
    }
    let bytes: usize = shelf.borrow().iter().map(String::len).sum();
    say!("{bytes} bytes");
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main
