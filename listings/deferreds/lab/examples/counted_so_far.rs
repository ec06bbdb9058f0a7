//! The twin of `deferreds/counted_so_far`: what is to outlive a cancel stands outside of the future.
use std::{cell::Cell, time::Duration};
use tokio::time::{Instant, interval_at, timeout};

// ANCHOR: count
/// Counts sheep up to `most`, ten a second. The count is the caller's, because a dropped future answers nothing.
async fn count_sheep(start: Instant, most: u32, sheep: &Cell<u32>) {
    let tenth = Duration::from_millis(100);
    let mut beats = interval_at(start + tenth, tenth);
    while sheep.get() < most {
        beats.tick().await;
        sheep.set(sheep.get() + 1);
        let now = start.elapsed().as_secs_f64();
        println!("{now:.1} s: {} sheep", sheep.get());
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let (start, sheep) = (Instant::now(), Cell::new(0));
    let counting = count_sheep(start, 1_000, &sheep);
    let _cut_short = timeout(Duration::from_millis(350), counting).await;
    let now = start.elapsed().as_secs_f64();
    println!("{now:.2} s: asleep after {}", sheep.get());
}
// ANCHOR_END: count
