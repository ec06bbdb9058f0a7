//! The twin of `coroutines/select_order`: `select!` draws lots, unless it is told not to.
use std::future::ready;
use tokio::select;

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (mut left, mut right) = (0, 0);
    for _ in 0..100 {
        select! {
            () = ready(()) => left += 1,
            () = ready(()) => right += 1,
        }
    }
    println!("drawn: left {left}, right {right}");

    let (mut left, mut right) = (0, 0);
    for _ in 0..100 {
        select! {
            biased;
            () = ready(()) => left += 1,
            () = ready(()) => right += 1,
        }
    }
    println!("biased: left {left}, right {right}");
}
// ANCHOR_END: main
