//! Does not compile: a guard that lives across an await, and a function that promises nothing of its argument.
use std::sync::{Arc, Mutex};
use tokio::{spawn, task::yield_now};

// ANCHOR: guard
async fn note(shelf: Arc<Mutex<Vec<&'static str>>>) {
    let mut shelf = shelf.lock().unwrap();
    yield_now().await; // the guard waits with it
    shelf.push("Hope");
}
// ANCHOR_END: guard

// ANCHOR: start
fn start(task: impl Future<Output = ()> + 'static) {
    spawn(task);
}
// ANCHOR_END: start

#[tokio::main(flavor = "current_thread")]
async fn main() {
    start(yield_now());
    let _ = spawn(note(Arc::default())).await;
}
