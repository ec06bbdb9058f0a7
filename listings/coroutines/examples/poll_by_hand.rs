//! A future does nothing but answer when it is polled.
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

// ANCHOR: future
struct Countdown(u32);

impl Future for Countdown {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<&'static str> {
        if self.0 == 0 {
            return Poll::Ready("lift-off");
        }
        self.0 -= 1;
        Poll::Pending
    }
}
// ANCHOR_END: future

fn main() {
    // ANCHOR: use
    let mut countdown = Countdown(2);
    println!("made; nothing has happened");

    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        println!("{:?}", Pin::new(&mut countdown).poll(&mut context));
    }
    // ANCHOR_END: use
}
