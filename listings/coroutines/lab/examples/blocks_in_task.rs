//! The twin of `coroutines/blocks_in_task`: tokio's tasks stand still in the same way.
use std::{thread, time::Duration};
use tokio::{
    join,
    time::{Instant, sleep},
};

async fn beats(start: Instant) {
    for beat in 1..=3 {
        sleep(Duration::from_millis(100)).await;
        println!("{:.1} s: beat {beat}", start.elapsed().as_secs_f64());
    }
}

async fn report(start: Instant) {
    sleep(Duration::from_millis(150)).await;
    thread::sleep(Duration::from_millis(450)); // stands for anything that blocks
    let now = start.elapsed().as_secs_f64();
    println!("{now:.1} s: the report is ready");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let start = Instant::now();
    join!(beats(start), report(start));
}
