//! The twin of `deferreds/two_ends`: a oneshot channel has two ends, too.
use std::time::Duration;
use tokio::{sync::oneshot, time};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    // ANCHOR: ends
    let (sender, line) = oneshot::channel::<String>();
    let start = time::Instant::now();
    let now = move || start.elapsed().as_secs_f64();

    tokio::spawn(async move {
        time::sleep(Duration::from_secs(1)).await;
        println!("{:.1} s: the sender sends", now());
        let _ = sender.send("Tyger Tyger, burning bright".to_owned());
        println!("{:.1} s: it has sent", now());
    });

    match line.await {
        Ok(text) => {
            println!("the code after the await is given {text:?}");
            println!("{} bytes", text.len());
        }
        Err(error) => println!("no line: {error}"),
    }
    // ANCHOR_END: ends
}
