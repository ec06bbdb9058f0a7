//! A future that is woken by another thread.
use coroutines::block_on;
use deferreds::Failure;
use reactor::Reactor;
use std::{
    future::{Future, poll_fn},
    sync::mpsc::channel,
    task::Poll,
    thread,
};
use trace::say;

// ANCHOR: in_a_thread
/// Does the work in a thread of its own, and waits for it without blocking.
fn in_a_thread<T, W>(work: W) -> impl Future<Output = T>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let mut work = Some(work);
    let (sender, receiver) = channel();
    poll_fn(move |context| {
        if let Some(work) = work.take() {
            let (sender, waker) = (sender.clone(), context.waker().clone());
            thread::spawn(move || {
                let _ = sender.send(work()); // first the value,
                waker.wake(); // then the news
            });
        }
        match receiver.try_recv() {
            Ok(value) => Poll::Ready(value),
            Err(_) => Poll::Pending,
        }
    })
}
// ANCHOR_END: in_a_thread

fn main() -> Result<(), Failure> {
    let mut reactor = Reactor::from_env()?;
    // ANCHOR: use
    let here = thread::current().id();
    let (words, there) = block_on(&mut reactor, async {
        let poem = poetry::POEMS[0].text;
        Ok(in_a_thread(|| (poem.split_whitespace().count(), thread::current().id())).await)
    })?;
    say!("{words} words, counted in this thread: {}", here == there);
    // ANCHOR_END: use
    Ok(())
}
