//! Who polls only when it was woken never comes back to a future that forgets its waker.
use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

// ANCHOR: flag
/// The least a waker can do: note that it was called.
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// Polls once, and again each time it was woken since.
fn drive<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let flag = Arc::new(Flag(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut context = Context::from_waker(&waker);
    while flag.0.swap(false, Ordering::Acquire) {
        println!("  poll");
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
    }
    println!("  not ready, and nobody has called the waker");
    None
}
// ANCHOR_END: flag

// ANCHOR: futures
struct Countdown(u32);

impl Future for Countdown {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<&'static str> {
        if self.0 == 0 {
            return Poll::Ready("lift-off");
        }
        self.0 -= 1;
        context.waker().wake_by_ref(); // "look again"
        Poll::Pending
    }
}

struct Forgetful(u32);

impl Future for Forgetful {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<&'static str> {
        if self.0 == 0 {
            return Poll::Ready("lift-off");
        }
        self.0 -= 1;
        Poll::Pending // and the waker is forgotten
    }
}
// ANCHOR_END: futures

fn main() {
    // ANCHOR: use
    println!("one that wakes: {:?}", drive(Countdown(2)));
    println!("one that forgets: {:?}", drive(Forgetful(2)));
    // ANCHOR_END: use
}
