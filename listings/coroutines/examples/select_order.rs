//! Two futures that are always ready: which of them does `select` take?
use coroutines::{Either, run, select};
use reactor::Handle;
use std::{future::ready, process::ExitCode};
use trace::say;

// ANCHOR: main
async fn vote(_: Handle) -> Result<(), deferreds::Failure> {
    let (mut left, mut right) = (0, 0);
    for _ in 0..100 {
        match select(ready(()), ready(())).await {
            Either::Left(()) => left += 1,
            Either::Right(()) => right += 1,
        }
    }
    say!("left {left}, right {right}");
    Ok(())
}

fn main() -> ExitCode {
    run(vote)
}
// ANCHOR_END: main
