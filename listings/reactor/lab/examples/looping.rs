//! The twin of `reactor/looping`: an interval that skips the beats it missed.
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let now = move || format!("{:.2} s", start.elapsed().as_secs_f64());
    let tenth = Duration::from_millis(100);

    let mut looping = interval_at(start + tenth, tenth);
    looping.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut beats = 0;
    while beats < 6 {
        let due = looping.tick().await;
        // An interval does not say how many beats it left out; the grid does.
        beats = (due - start).as_millis() / tenth.as_millis();
        println!("{}: beat {beats}", now());
        if beats == 2 {
            sleep(tenth * 5 / 2).await; // the next beat waits for this
            println!("{}: the slow work is done", now());
        }
    }
    println!("{}: done", now());
}
