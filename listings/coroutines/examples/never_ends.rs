//! Panics: a join waits for all, also for the one that never ends.
use coroutines::{block_on, join_all, sleep};
use deferreds::{Deferred, Failure};
use reactor::{Handle, Reactor, Sim};
use std::time::Duration;

// ANCHOR: main
async fn quick(reactor: Handle) -> Result<&'static str, Failure> {
    sleep(&reactor, Duration::from_millis(100)).await;
    println!("the quick one is done");
    Ok("Hope")
}

async fn lost(answer: Deferred<&'static str>) -> Result<&'static str, Failure> {
    answer.await
}

fn main() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (_kept, answer) = Deferred::new(); // the resolver lives on, and is never fired

    let all = block_on(&mut reactor, async {
        let poems: [std::pin::Pin<Box<dyn Future<Output = _>>>; 2] =
            [Box::pin(quick(handle)), Box::pin(lost(answer))];
        Ok(join_all(poems).await.len())
    });
    if let Err(failure) = all {
        panic!("{failure}");
    }
}
// ANCHOR_END: main
