//! The twin of `reactor/blocking`: a task that blocks stops all others.
use std::{thread, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let tenth = Duration::from_millis(100);
    tokio::spawn(async move {
        sleep(tenth * 5 / 2).await;
        println!("something slow begins");
        thread::sleep(tenth * 5);
        println!("something slow ends");
    });
    let beats = async {
        let start = Instant::now();
        let mut beat = interval_at(start + tenth, tenth);
        beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut last = 0;
        loop {
            beat.tick().await;
            let now = start.elapsed().as_millis() / tenth.as_millis();
            match now - last {
                1 => println!("beat"),
                count => println!("beat, and {} were lost", count - 1),
            }
            last = now;
        }
    };
    let _ = timeout(Duration::from_millis(1050), beats).await;
}
