//! The twin of `coroutines/detached`: a detached task ends with the runtime.
use std::time::Duration;
use tokio::{
    spawn,
    time::{Instant, sleep},
};

// ANCHOR: letter
struct Pen;

impl Drop for Pen {
    fn drop(&mut self) {
        println!("the pen is put down");
    }
}

async fn letter(start: Instant) {
    let _pen = Pen;
    for part in ["Dear reader,", "I have good news:", "you are free."] {
        sleep(Duration::from_millis(100)).await;
        println!("{:.2} s: {part}", start.elapsed().as_secs_f64());
    }
}
// ANCHOR_END: letter

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let start = Instant::now();
    drop(spawn(letter(start))); // detached
    sleep(Duration::from_millis(250)).await;
    println!("{:.2} s: main is done", start.elapsed().as_secs_f64());
}
// ANCHOR_END: main
