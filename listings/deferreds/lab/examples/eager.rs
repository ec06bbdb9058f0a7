//! The twin of `deferreds/eager`: a future's work begins with its first poll.
use std::time::Duration;
use tokio::time::{Instant, sleep};

// ANCHOR: work
async fn work(start: Instant) -> u32 {
    println!("{:.1} s: the work begins", start.elapsed().as_secs_f64());
    sleep(Duration::from_millis(100)).await;
    println!("{:.1} s: the work is done", start.elapsed().as_secs_f64());
    42
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let answer = work(start);
    println!("{:.1} s: I have asked", start.elapsed().as_secs_f64());
    sleep(Duration::from_millis(300)).await;
    println!("{:.1} s: I look at it", start.elapsed().as_secs_f64());
    let answer = answer.await;
    println!("{:.1} s: {answer}", start.elapsed().as_secs_f64());
}
// ANCHOR_END: work
