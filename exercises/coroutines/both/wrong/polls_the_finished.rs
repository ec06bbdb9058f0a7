//! Wrong: it polls both each time, also one that is done.
use std::{
    future::{Future, poll_fn},
    task::Poll,
};

/// Waits for both, and returns both outputs.
pub fn both<A: Future, B: Future>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> {
    let (mut a, mut b) = (Box::pin(a), Box::pin(b));
    let (mut left, mut right) = (None, None);
    poll_fn(move |context| {
        if let Poll::Ready(output) = a.as_mut().poll(context) {
            left = Some(output);
        }
        if let Poll::Ready(output) = b.as_mut().poll(context) {
            right = Some(output);
        }
        match (left.take(), right.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (left, right) = (a, b);
                Poll::Pending
            }
        }
    })
}
