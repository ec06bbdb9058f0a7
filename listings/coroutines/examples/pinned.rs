//! A future that borrows from itself stays where it is; only what points to it moves.
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// Pending once, so that the future around it is left in the middle.
async fn pause() {
    let mut paused = false;
    poll_fn(|_| match std::mem::replace(&mut paused, true) {
        false => Poll::Pending,
        true => Poll::Ready(()),
    })
    .await
}

fn main() {
    // ANCHOR: pinned
    let poem = async {
        let text = String::from("Tyger Tyger, burning bright");
        let first = &text; // points into this very future
        let before = format!("{first:p}");
        pause().await;
        assert_eq!(format!("{first:p}"), before, "it has moved!");
        first.len()
    };

    let mut context = Context::from_waker(Waker::noop());
    let mut poem: Pin<Box<_>> = Box::pin(poem);
    assert!(poem.as_mut().poll(&mut context).is_pending());

    let mut shelf = [poem]; // the box moves, what is in it does not
    println!("{:?}", shelf[0].as_mut().poll(&mut context));
    // ANCHOR_END: pinned
}
