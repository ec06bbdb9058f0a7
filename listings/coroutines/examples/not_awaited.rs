//! A future that is never awaited does nothing.
use coroutines::{run, sleep};
use deferreds::Failure;
use reactor::Handle;
use std::{process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
async fn write_down(what: &str) {
    say!("written down: {what}");
}

#[expect(unused_must_use, reason = "it is the mistake that this program shows")]
async fn diary(reactor: Handle) -> Result<(), Failure> {
    write_down("begun");
    sleep(&reactor, Duration::from_secs(1)).await;
    write_down("ended").await;
    Ok(())
}

fn main() -> ExitCode {
    run(diary)
}
// ANCHOR_END: main
