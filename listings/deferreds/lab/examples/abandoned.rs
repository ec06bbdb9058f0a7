//! The twin of `deferreds/abandoned`: who waits for a oneshot is told that its sender is gone.
use std::time::Duration;
use tokio::{sync::oneshot, time};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    // ANCHOR: abandoned
    let (sender, line) = oneshot::channel::<String>();
    let start = time::Instant::now();
    tokio::spawn(async move {
        time::sleep(Duration::from_secs(1)).await;
        let is_sunday = true;
        if !is_sunday {
            let _ = sender.send("Tyger Tyger, burning bright".to_owned());
        }
        println!("{:.1} s: this task ends", start.elapsed().as_secs_f64());
    });
    if let Err(error) = line.await {
        println!("forgotten: true: {error}");
    }
    // ANCHOR_END: abandoned
}
