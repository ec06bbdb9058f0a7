//! The twin of `deferreds/slow_square`: two awaits, one after the other.
use std::time::Duration;
use tokio::time::{self, Instant};

// ANCHOR: square
async fn slow_square(n: u32) -> Result<u32, &'static str> {
    time::sleep(Duration::from_secs(1)).await;
    n.checked_mul(n).ok_or("the square is too large")
}
// ANCHOR_END: square

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), &'static str> {
    let start = Instant::now();
    // ANCHOR: chain
    let nine = slow_square(3).await?;
    let n = slow_square(nine).await?;
    println!("{:.1} s: {n}", start.elapsed().as_secs_f64());
    // ANCHOR_END: chain
    Ok(())
}
