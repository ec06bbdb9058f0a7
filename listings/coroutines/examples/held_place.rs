//! A future that is kept and not polled still stands in line, and everybody behind it waits.
use coroutines::{Either, block_on, join, select, sleep, spawn};
use deferreds::{Failure, Lock};
use reactor::{Handle, Reactor, Sim};
use std::{pin::pin, time::Duration};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

// ANCHOR: save
/// Adds a line to the book, which one hand at a time may hold.
async fn save(reactor: &Handle, book: &Lock, line: &str) -> Result<(), Failure> {
    let _held = book.acquire().await?;
    sleep(reactor, ms(100)).await; // a slow pen
    println!("{:.1}: {line}", reactor.now());
    Ok(())
}
// ANCHOR_END: save

// ANCHOR: kept
async fn kept(reactor: &Handle, book: &Lock) -> Result<(), Failure> {
    let mut poem = pin!(save(reactor, book, "a poem"));
    match select(&mut poem, sleep(reactor, ms(200))).await {
        Either::Left(saved) => saved,
        Either::Right(()) => {
            save(reactor, book, "a note: the poem takes long").await?;
            poem.await
        }
    }
}
// ANCHOR_END: kept

// ANCHOR: together
async fn together(reactor: &Handle, book: &Lock) -> Result<(), Failure> {
    let mut poem = pin!(save(reactor, book, "a poem"));
    match select(&mut poem, sleep(reactor, ms(200))).await {
        Either::Left(saved) => saved,
        Either::Right(()) => {
            let note = save(reactor, book, "a note: the poem takes long");
            let (note, poem) = join(note, poem).await;
            note.and(poem)
        }
    }
}
// ANCHOR_END: together

// ANCHOR: main
/// Runs `f` while another task holds the book for 0.3 s.
fn try_it(f: impl AsyncFnOnce(&Handle, &Lock) -> Result<(), Failure>) {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let book = Lock::new();
    let (other, holder) = (book.clone(), handle.clone());
    drop(spawn(&handle, async move {
        let _held = other.acquire().await?;
        sleep(&holder, ms(300)).await;
        Ok(())
    }));
    let done = block_on(&mut reactor, async {
        sleep(&handle, ms(100)).await;
        f(&handle, &book).await
    });
    match done {
        Ok(()) => println!("done"),
        Err(failure) => println!("{failure}"),
    }
}

fn main() {
    println!("kept, and not polled:");
    try_it(kept);
    println!("polled together:");
    try_it(together);
}
// ANCHOR_END: main
