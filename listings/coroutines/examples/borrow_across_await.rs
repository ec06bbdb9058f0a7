//! Panics: a borrow that is held across an await meets another task.
use coroutines::{block_on, join, sleep};
use deferreds::Failure;
use reactor::{Handle, Reactor, Sim};
use std::{cell::RefCell, time::Duration};

// ANCHOR: tasks
#[expect(clippy::await_holding_refcell_ref, reason = "it is the mistake")]
async fn add_slowly(reactor: &Handle, shelf: &RefCell<Vec<&str>>) {
    let mut books = shelf.borrow_mut();
    sleep(reactor, Duration::from_secs(1)).await; // the book is being fetched
    books.push("Hope");
}

async fn add_at_once(shelf: &RefCell<Vec<&str>>) {
    shelf.borrow_mut().push("The Tyger");
}
// ANCHOR_END: tasks

fn main() -> Result<(), Failure> {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    // ANCHOR: use
    let shelf = RefCell::new(Vec::new());
    block_on(&mut reactor, async {
        join(add_slowly(&handle, &shelf), add_at_once(&shelf)).await;
        Ok(())
    })
    // ANCHOR_END: use
}
