//! A detached task ends with the program, however far it has come.
use coroutines::{run, sleep, spawn};
use deferreds::Failure;
use reactor::Handle;
use std::{process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: letter
struct Pen;

impl Drop for Pen {
    fn drop(&mut self) {
        say!("the pen is put down");
    }
}

async fn letter(reactor: Handle) -> Result<(), Failure> {
    let _pen = Pen;
    for part in ["Dear reader,", "I have good news:", "you are free."] {
        sleep(&reactor, Duration::from_millis(100)).await;
        say!("{:.2}: {part}", reactor.now());
    }
    Ok(())
}
// ANCHOR_END: letter

// ANCHOR: main
async fn write(reactor: Handle) -> Result<(), Failure> {
    drop(spawn(&reactor, letter(reactor.clone()))); // detached
    sleep(&reactor, Duration::from_millis(250)).await;
    say!("{:.2}: main is done", reactor.now());
    Ok(())
}

fn main() -> ExitCode {
    run(write)
}
// ANCHOR_END: main
