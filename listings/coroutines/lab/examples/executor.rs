//! The twin of `coroutines/executor`: tokio's own executor, in one thread.
use std::time::Duration;
use tokio::{
    task::{LocalSet, spawn_local},
    time::{Instant, sleep},
};

// ANCHOR: use
async fn greet(start: Instant, name: &str, tenths: u64) -> usize {
    let now = || start.elapsed().as_secs_f64();
    println!("{:.1} s: good night, {name}", now());
    sleep(Duration::from_millis(100 * tenths)).await;
    println!("{:.1} s: good morning, {name}", now());
    name.len()
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let tasks = LocalSet::new();
    tasks
        .run_until(async {
            let ada = spawn_local(greet(start, "Ada", 2));
            let grace = spawn_local(greet(start, "Grace", 1));
            let late = spawn_local(greet(start, "Charles", 9));

            let letters = ada.await.unwrap() + grace.await.unwrap();
            println!("{:.1} s: {letters} letters", start.elapsed().as_secs_f64());
            late.abort();
            println!("cancelled: {}", late.await.unwrap_err().is_cancelled());
        })
        .await;
}
// ANCHOR_END: use
