//! A future has one reader, too: an await consumes it.
use tokio::time::{Duration, sleep};

async fn get_poem() -> String {
    sleep(Duration::from_millis(100)).await;
    "Tyger Tyger".to_owned()
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    // ANCHOR: twice
    let poem = get_poem();
    let length = poem.await.len();
    let shout = poem.await.to_uppercase();
    // ANCHOR_END: twice
    println!("{length} {shout}");
}
