//! The twin of `reactor/timers`: a sleep is a future, and dropping it cancels it.
use std::time::Duration;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let tenths = |n: u64| Duration::from_millis(100 * n);
    let mut timers = JoinSet::new();
    timers.spawn(async move {
        sleep(tenths(4)).await;
        println!("0.4 s: the eggs are done");
    });
    let phone = timers.spawn(async move {
        sleep(tenths(3)).await;
        println!("0.3 s: the phone rings");
    });
    timers.spawn(async move {
        sleep(tenths(1)).await;
        println!("0.1 s: the water boils; unplug the phone, steep the tea");
        phone.abort();
        sleep(tenths(1)).await;
        println!("0.2 s: the tea is ready");
    });
    while timers.join_next().await.is_some() {}
    assert_eq!(start.elapsed(), tenths(4)); // of virtual time
}
