//! Panics: a timer of tokio, awaited where there is no runtime of tokio.
use coroutines::run;
use std::{process::ExitCode, time::Duration};

// ANCHOR: main
fn main() -> ExitCode {
    run(|_| async {
        println!("good night");
        tokio::time::sleep(Duration::from_millis(100)).await;
        println!("good morning");
        Ok(())
    })
}
// ANCHOR_END: main
