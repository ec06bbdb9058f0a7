//! Two futures in one task: you write `both`.
use std::{
    future::{Future, poll_fn},
    task::Poll,
};

/// Waits for both, and returns both outputs.
pub fn both<A: Future, B: Future>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> {
    let (mut a, mut b) = (Box::pin(a), Box::pin(b));
    poll_fn(move |context| {
        let _polled: (Poll<A::Output>, Poll<B::Output>) =
            (a.as_mut().poll(context), b.as_mut().poll(context));
        todo!("wait for both")
    })
}
