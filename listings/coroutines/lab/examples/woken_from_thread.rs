//! The twin of `coroutines/woken_from_thread`: tokio has a pool of threads for it.
use std::thread;
use tokio::task::{JoinError, spawn_blocking};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    let here = thread::current().id();
    let poem = poetry::POEMS[0].text;
    let work = || (poem.split_whitespace().count(), thread::current().id());
    let (words, there) = spawn_blocking(work).await?;
    println!("{words} words, counted in this thread: {}", here == there);
    Ok(())
}
