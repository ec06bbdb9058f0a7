//! The twin of `deferreds/unhandled`: a task whose error goes unnoticed.
use std::{error::Error, time::Duration};
use tokio::time::sleep;

// ANCHOR: main
fn first_line(poem: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
    match poem.lines().next() {
        Some(line) => Ok(line.to_owned()),
        None => Err("the poem is empty".into()),
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let shown = tokio::spawn(async {
        println!("{}", first_line("")?);
        Ok::<(), Box<dyn Error + Send + Sync>>(())
    });
    sleep(Duration::from_millis(100)).await;
    println!("it has ended: {}", shown.is_finished());
    drop(shown);
    println!("it is gone");
}
// ANCHOR_END: main
