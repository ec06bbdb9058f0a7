//! The twin of `reactor/hold`: say "stop", and wait for all who heard it.
use std::time::Duration;
use tokio::{
    sync::broadcast,
    task::JoinSet,
    time::{Instant, sleep},
};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let now = move || format!("{:.1} s", start.elapsed().as_secs_f64());
    let (stop, _) = broadcast::channel(1);

    let mut guests = JoinSet::new();
    for (name, tenths) in [("the log", 2), ("the guests", 4)] {
        let mut stopping = stop.subscribe();
        guests.spawn(async move {
            let _ = stopping.recv().await;
            println!("{}: {name}: one moment", now());
            sleep(Duration::from_millis(100 * tenths)).await;
            println!("{}: {name}: done", now());
        });
    }
    sleep(Duration::from_millis(100)).await;
    println!("{}: stop", now());
    let _ = stop.send(());
    while guests.join_next().await.is_some() {}
    println!("{}: lights out", now());
    println!("{}: home", now());
}
