//! A thread wakes a task, and the task is polled twice.
#[path = "../steps/task_2.rs"]
mod task;
use pocket::{deferred, reactor, remote};
// ANCHOR: in_a_thread
use std::{future::poll_fn, io, sync::mpsc::channel, task::Poll, thread};
use task::Tasks;

/// Does the work in a thread of its own, and waits for it without blocking.
fn in_a_thread<T, W>(work: W) -> impl Future<Output = T>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let mut work = Some(work);
    let (sender, receiver) = channel();
    poll_fn(move |context| {
        println!("polled");
        if let Some(work) = work.take() {
            let (sender, waker) = (sender.clone(), context.waker().clone());
            thread::spawn(move || {
                let _ = sender.send(work()); // first the value,
                waker.wake(); // then the news
            });
            return Poll::Pending; // the wake comes, however fast the thread is
        }
        receiver.try_recv().map_or(Poll::Pending, Poll::Ready)
    })
}
// ANCHOR_END: in_a_thread

// ANCHOR: main
fn main() -> io::Result<()> {
    let mut reactor = reactor::Reactor::new()?;
    let handle = reactor.handle();
    let poem = poetry::POEMS[0].text;
    let words = Tasks::new(&handle)?.spawn(async {
        let words = in_a_thread(|| poem.split_whitespace().count()).await;
        Ok(format!("{words} words"))
    });
    words.on_result(move |words| {
        println!("{words:?}");
        handle.stop();
    });
    reactor.run()
}
// ANCHOR_END: main
