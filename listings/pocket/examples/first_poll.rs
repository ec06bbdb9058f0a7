//! Two tasks without a waker: one is done at its first poll, the other is never polled again.
#[path = "../steps/task_1.rs"]
mod task;
use pocket::{deferred, reactor};
// ANCHOR: main
use deferred::Failure;
use reactor::{Handle, Reactor};
use std::{future::poll_fn, io, task::Poll, time::Duration};
use task::Tasks;

async fn greet(name: &str, nights: u32) -> Result<(), Failure> {
    println!("good night, {name}");
    let mut polls = 0;
    poll_fn(move |_| {
        polls += 1;
        if polls > nights { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    println!("good morning, {name}");
    Ok(())
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let tasks = Tasks::new(&handle);
    tasks.spawn(greet("Ada", 0)).on_result(|end| println!("Ada: {end:?}"));
    tasks.spawn(greet("Grace", 1)).on_result(|end| println!("Grace: {end:?}"));
    handle.call_later(Duration::from_millis(50), Handle::stop);
    println!("nothing has been polled yet");
    reactor.run()
}
// ANCHOR_END: main
