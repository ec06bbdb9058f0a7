//! The twin of `deferreds/exactly_in_time`: tokio's timeout asks the future first.
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    // ANCHOR: exactly
    let second = Duration::from_secs(1);
    let poem = async {
        sleep(second).await;
        "a poem"
    };
    println!("{}", timeout(second, poem).await.unwrap_or("timed out"));
    // ANCHOR_END: exactly
}
