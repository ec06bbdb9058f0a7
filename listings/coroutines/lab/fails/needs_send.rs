//! Does not compile: a task that tokio may move to another thread must not hold what belongs to one.
use std::{future::Future, pin::Pin, rc::Rc};

type Task = Pin<Box<dyn Future<Output = usize>>>;

// ANCHOR: spawn
fn letters(title: Rc<str>) -> Task {
    Box::pin(async move { title.len() })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let hope = tokio::spawn(letters("Hope".into()));
    println!("{} letters", hope.await.unwrap());
}
// ANCHOR_END: spawn
