//! The twin of `deferreds/beats_that_fail`: a loop that `?` leaves.
use std::{error::Error, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

// ANCHOR: looping
async fn measure(battery: u32, time: Duration) -> Result<(), Box<dyn Error>> {
    sleep(time).await;
    match battery {
        0 => Err("the battery is empty".into()),
        _ => Ok(()),
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let now = || format!("{:.2} s", start.elapsed().as_secs_f64());
    let tenth = Duration::from_millis(100);
    let end = async {
        let mut beats = interval(tenth);
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        for battery in (0..3).rev() {
            beats.tick().await;
            println!("{}: beat", now());
            // Measuring takes 150 ms, so beats are missed.
            measure(battery, tenth * 3 / 2).await?;
        }
        Ok::<(), Box<dyn Error>>(())
    };
    if let Err(failure) = end.await {
        println!("{}: no more beats: {failure}", now());
    }
}
// ANCHOR_END: looping
