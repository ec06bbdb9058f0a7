//! A task awaits a Deferred that a timer fires, and one that is dropped.
#[path = "../src/deferred.rs"]
#[allow(dead_code, reason = "this program makes no use of some of it")]
mod deferred;
#[path = "../src/reactor.rs"]
#[allow(dead_code, reason = "this program makes no use of some of it")]
mod reactor;
#[path = "../src/remote.rs"]
mod remote;
#[path = "../steps/task_3.rs"]
mod task;
// ANCHOR: main
use deferred::{Deferred, Failure};
use std::{io, time::Duration};

async fn recite(number: u32, poem: Deferred<&'static str>) -> Result<usize, Failure> {
    println!("{number} waits");
    let poem = poem.await?;
    println!("{number} has {poem:?}");
    Ok(poem.len())
}

fn main() -> io::Result<()> {
    let mut reactor = reactor::Reactor::new()?;
    let handle = reactor.handle();
    let tasks = task::Tasks::new(&handle)?;
    let ((kept, first), (broken, second)) = (Deferred::new(), Deferred::new());
    tasks.spawn(recite(1, first)).on_result(|end| println!("1: {end:?}"));
    let stop = handle.clone();
    tasks.spawn(recite(2, second)).on_result(move |end| {
        println!("2: {end:?}");
        stop.stop();
    });
    handle.call_later(Duration::from_millis(20), |_| kept.callback("Tyger Tyger"));
    handle.call_later(Duration::from_millis(40), |_| drop(broken));
    reactor.run()
}
// ANCHOR_END: main
