//! The twin of `coroutines/select`: what a future has done before `select!` drops it stays done.
use poetry::Poem;
use std::{cell::RefCell, io, time::Duration};
use tokio::{
    select,
    time::{Instant, sleep},
};

// ANCHOR: copy
struct Pen;

impl Drop for Pen {
    fn drop(&mut self) {
        println!("the pen is put down");
    }
}

/// Copies a poem, a line every tenth of a second.
async fn copy(start: Instant, poem: &str, paper: &RefCell<Vec<String>>) {
    let _pen = Pen;
    for line in poem.lines().filter(|line| !line.is_empty()) {
        sleep(Duration::from_millis(100)).await;
        paper.borrow_mut().push(line.to_owned());
        println!("{:.2} s: {line}", start.elapsed().as_secs_f64());
    }
    println!("all is copied");
}
// ANCHOR_END: copy

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let poem = Poem::named("hope").ok_or(io::ErrorKind::NotFound)?;
    let (start, paper) = (Instant::now(), RefCell::default());
    let now = || format!("{:.2} s", start.elapsed().as_secs_f64());

    select! {
        () = copy(start, poem.text, &paper) => println!("{}: no bell", now()),
        () = sleep(Duration::from_millis(350)) => println!("{}: the bell rings", now()),
    }

    sleep(Duration::from_secs(1)).await;
    let lines = paper.borrow().len();
    println!("{}: {lines} lines on the paper", now());
    Ok(())
}
// ANCHOR_END: main
