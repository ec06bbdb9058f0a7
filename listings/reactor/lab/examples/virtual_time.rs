//! The twin of `reactor/virtual_time`: with a paused clock, the egg takes no time.
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let now = move || format!("{:.1} s", start.elapsed().as_secs_f64());
    println!("{}: the egg is in the water", now());
    for seconds in (0..3).rev() {
        sleep(Duration::from_secs(1)).await;
        match seconds {
            0 => println!("{}: the egg is done", now()),
            _ => println!("{}: {seconds} s to go", now()),
        }
    }
}
