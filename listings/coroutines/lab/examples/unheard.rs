//! The twin of `coroutines/unheard`: errors that no code waits for are lost.
use tokio::task::{spawn, yield_now};

// ANCHOR: main
async fn lost() -> Result<(), &'static str> {
    println!("    it runs");
    Err("the poem is lost")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("a task, let go");
    drop(spawn(lost()));
    yield_now().await;

    println!("a future, awaited, and its result is let go");
    let _ = lost().await;

    println!("a future, dropped");
    drop(lost());
}
// ANCHOR_END: main
