//! Does not compile: a Deferred belongs to its thread, and tokio's `spawn` may move it.
use deferreds::Deferred;

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (resolver, poem) = Deferred::<&str>::new();
    let task = tokio::spawn(poem.into_future());
    resolver.callback("Hope is the thing with feathers");
    println!("{}", task.await.unwrap().unwrap());
}
// ANCHOR_END: main
