//! The twin of `coroutines/cancel_across`: an abort that ends at the next task.
use std::time::Duration;
use tokio::{
    task::spawn,
    time::{Instant, sleep},
};

// ANCHOR: ways
/// Says when it is dropped, as a local variable of a future.
struct Note(&'static str);

impl Drop for Note {
    fn drop(&mut self) {
        println!("    {} is dropped", self.0);
    }
}

async fn inner(start: Instant) -> u32 {
    let _note = Note("the inner future");
    sleep(Duration::from_secs(1)).await;
    println!("{:.1} s: the answer came", start.elapsed().as_secs_f64());
    42
}

async fn outer(start: Instant) -> u32 {
    let _note = Note("the outer future");
    spawn(inner(start)).await.map_or(0, |answer| answer + 1)
}
// ANCHOR_END: ways

// ANCHOR: main
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let answer = spawn(outer(start));
    sleep(Duration::from_millis(200)).await;
    println!("{:.1} s: abort", start.elapsed().as_secs_f64());
    answer.abort();
    println!("{:.1} s: abort has returned", start.elapsed().as_secs_f64());
    let cancelled = answer.await.is_err_and(|error| error.is_cancelled());
    println!("    the JoinHandle: cancelled {cancelled}");
    sleep(Duration::from_secs(2)).await;
}
// ANCHOR_END: main
