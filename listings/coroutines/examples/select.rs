//! What a future has done before `select` drops it stays done.
use coroutines::{Either, run, select, sleep};
use deferreds::Failure;
use poetry::Poem;
use reactor::Handle;
use std::{cell::RefCell, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: copy
struct Pen;

impl Drop for Pen {
    fn drop(&mut self) {
        say!("the pen is put down");
    }
}

/// Copies a poem, a line every tenth of a second.
async fn copy(reactor: &Handle, poem: &str, paper: &RefCell<Vec<String>>) {
    let _pen = Pen;
    for line in poem.lines().filter(|line| !line.is_empty()) {
        sleep(reactor, Duration::from_millis(100)).await;
        paper.borrow_mut().push(line.to_owned());
        say!("{:.2}: {line}", reactor.now());
    }
    say!("all is copied");
}
// ANCHOR_END: copy

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    let poem = Poem::named("hope").ok_or_else(|| Failure::new("no such poem"))?;
    let paper = RefCell::default();

    let bell = sleep(&reactor, Duration::from_millis(350));
    match select(copy(&reactor, poem.text, &paper), bell).await {
        Either::Left(()) => say!("{:.2}: no bell", reactor.now()),
        Either::Right(()) => say!("{:.2}: the bell rings", reactor.now()),
    }

    sleep(&reactor, Duration::from_secs(1)).await;
    let lines = paper.borrow().len();
    say!("{:.2}: {lines} lines on the paper", reactor.now());
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main
