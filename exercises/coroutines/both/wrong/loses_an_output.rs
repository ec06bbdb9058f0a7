//! Wrong: it takes the outputs out, and does not put the first one back.
use std::{
    future::{Future, poll_fn},
    task::Poll,
};

/// Waits for both, and returns both outputs.
pub fn both<A: Future, B: Future>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> {
    let (mut a, mut b) = (Box::pin(a), Box::pin(b));
    let (mut left, mut right) = (None, None);
    let (mut left_done, mut right_done) = (false, false);
    poll_fn(move |context| {
        if !left_done && let Poll::Ready(output) = a.as_mut().poll(context) {
            left_done = true;
            left = Some(output);
        }
        if !right_done && let Poll::Ready(output) = b.as_mut().poll(context) {
            right_done = true;
            right = Some(output);
        }
        match (left.take(), right.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            _ => Poll::Pending,
        }
    })
}
