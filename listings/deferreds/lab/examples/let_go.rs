//! The twin of `deferreds/let_go`: dropping a future is how its work ends.
use std::time::Duration;
use tokio::{
    select,
    time::{Instant, sleep},
};

// ANCHOR: drop
async fn work(start: Instant) -> u32 {
    println!("{:.1} s: the work begins", start.elapsed().as_secs_f64());
    sleep(Duration::from_millis(200)).await;
    println!("{:.1} s: the work is done", start.elapsed().as_secs_f64());
    42
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    select! {
        answer = work(start) => println!("{answer}"),
        () = sleep(Duration::from_millis(100)) => {} // `work` is dropped here
    }
    println!("{:.1} s: I let go of it", start.elapsed().as_secs_f64());
    sleep(Duration::from_millis(200)).await;
}
// ANCHOR_END: drop
