//! Wrong: the second begins when the first is done.
use std::future::Future;

/// Waits for both, and returns both outputs.
pub async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    (a.await, b.await)
}
