//! `select` in a loop: a future that is made again in each round, and futures that are kept.
use coroutines::{Either, run, select, sleep};
use deferreds::Failure;
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::{process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: fetch
async fn fetch(reactor: &Handle, at: &Address) -> Result<String, Failure> {
    let mut poem = get_poem(reactor, at).into_future(); // kept
    let mut limit = sleep(reactor, Duration::from_millis(700)); // kept
    loop {
        let tick = sleep(reactor, Duration::from_millis(250)); // a new one each round
        match select(&mut poem, select(&mut limit, tick)).await {
            Either::Left(poem) => return poem,
            Either::Right(Either::Left(())) => return Err(Failure::new("too slow")),
            Either::Right(Either::Right(())) => say!("{:.2}: still waiting", reactor.now()),
        }
    }
}
// ANCHOR_END: fetch

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    for at in &recite(&reactor, &["tyger", "jabberwocky"])? {
        match fetch(&reactor, at).await {
            Ok(poem) => say!("{:.2}: {} bytes", reactor.now(), poem.len()),
            Err(failure) => say!("{:.2}: {failure}", reactor.now()),
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main
