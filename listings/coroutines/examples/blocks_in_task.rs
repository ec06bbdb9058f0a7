//! A task that blocks keeps every other task from going on.
use coroutines::{join, run, sleep};
use deferreds::Failure;
use reactor::Handle;
use std::{process::ExitCode, thread, time::Duration};

// ANCHOR: main
async fn beats(reactor: &Handle) {
    for beat in 1..=3 {
        sleep(reactor, Duration::from_millis(100)).await;
        println!("{:.1}: beat {beat}", reactor.now());
    }
}

async fn report(reactor: &Handle) {
    sleep(reactor, Duration::from_millis(150)).await;
    thread::sleep(Duration::from_millis(450)); // stands for anything that blocks
    println!("{:.1}: the report is ready", reactor.now());
}

async fn work(reactor: Handle) -> Result<(), Failure> {
    join(beats(&reactor), report(&reactor)).await;
    Ok(())
}

fn main() -> ExitCode {
    run(work)
}
// ANCHOR_END: main
