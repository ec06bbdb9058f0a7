//! `block_on` for one thread: poll, and sleep until the waker is called.
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, mpsc::channel},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

// ANCHOR: block_on
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        println!("  poll");
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(), // until this thread is unparked
        }
    }
}
// ANCHOR_END: block_on

// ANCHOR: use
/// A thread writes, and wakes the future that waits for it.
fn letter() -> impl Future<Output = &'static str> {
    let (sender, receiver) = channel();
    let mut sender = Some(sender);
    poll_fn(move |context| {
        if let Some(sender) = sender.take() {
            let waker = context.waker().clone();
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(200));
                let _ = sender.send("Dear reader");
                waker.wake();
            });
        }
        match receiver.try_recv() {
            Ok(text) => Poll::Ready(text),
            Err(_) => Poll::Pending,
        }
    })
}

fn main() {
    println!("waiting for a letter");
    let length = block_on(async { letter().await.len() });
    println!("it has {length} letters");
}
// ANCHOR_END: use
