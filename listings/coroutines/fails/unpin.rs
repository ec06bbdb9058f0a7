//! Does not compile: a future that may borrow from itself must be pinned before it is polled.
use std::{
    future::{Future, ready},
    pin::Pin,
    task::{Context, Waker},
};

fn main() {
    // ANCHOR: poll
    let mut poem = async {
        let text = String::from("Tyger Tyger, burning bright");
        let first = &text;
        ready(()).await;
        first.len()
    };
    let mut context = Context::from_waker(Waker::noop());
    let _ = Pin::new(&mut poem).poll(&mut context);
    // ANCHOR_END: poll
}
