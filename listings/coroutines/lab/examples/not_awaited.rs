//! The twin of `coroutines/not_awaited`: on tokio, too, a future that is not awaited does nothing.
use std::time::Duration;
use tokio::time::sleep;

async fn write_down(what: &str) {
    println!("written down: {what}");
}

#[expect(unused_must_use, reason = "it is the mistake that this program shows")]
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    write_down("begun");
    sleep(Duration::from_secs(1)).await;
    write_down("ended").await;
}
