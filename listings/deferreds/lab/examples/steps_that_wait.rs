//! The twin of `deferreds/steps_that_wait`: a loop with an await for each job.
use std::time::Duration;
use tokio::{
    join,
    task::yield_now,
    time::{Instant, sleep},
};

// ANCHOR: steps
/// Looks up a word in a dictionary, which takes 100 ms.
async fn look_up(start: Instant, word: &str) {
    sleep(Duration::from_millis(100)).await;
    println!("{:.1} s: looked up {word}", start.elapsed().as_secs_f64());
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let reading = async {
        for word in ["Tyger", "burning", "bright"] {
            look_up(start, word).await;
        }
    };
    let counting = async {
        for step in 1..=3 {
            println!("counted to {step}");
            yield_now().await;
        }
    };
    join!(reading, counting);
    println!("both are done");
}
// ANCHOR_END: steps
