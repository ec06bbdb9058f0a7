//! The twin of `reactor/simplest`: two tasks take turns, and wait.
use std::time::Duration;
use tokio::{sync::mpsc, task};

async fn countdown(name: &str) {
    for n in (1..=3).rev() {
        println!("{name} {n}");
        task::yield_now().await; // to the end of the queue
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (outside, mut messages) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(250));
        let _ = outside.send("a message from outside");
    });
    println!("nothing has run yet");
    let inbox = async {
        while let Some(message) = messages.recv().await {
            println!("{message}");
        }
    };
    tokio::join!(biased; countdown("left"), countdown("right"), inbox);
    println!("nothing is left to do");
}
