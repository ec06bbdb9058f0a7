//! Does not compile: who is called by the loop has no reactor to run.
use coroutines::{block_on, sleep};
use reactor::{Handle, Reactor, Sim};
use std::time::Duration;

// ANCHOR: inside
/// An ordinary function, which is called from a task.
fn wait_a_second(handle: &Handle) {
    let _ = block_on(handle, async {
        sleep(handle, Duration::from_secs(1)).await;
        Ok(())
    });
}
// ANCHOR_END: inside

fn main() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let _ = block_on(&mut reactor, async {
        wait_a_second(&handle);
        Ok(())
    });
}
