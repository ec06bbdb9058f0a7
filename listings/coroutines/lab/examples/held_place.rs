//! The twin of `coroutines/held_place`: nothing says that it is stalled, so a time limit has to.
use std::{pin::pin, time::Duration};
use tokio::{
    join, select,
    sync::Mutex,
    time::{Instant, sleep, timeout},
};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

// ANCHOR: save
/// Adds a line to the book, which one hand at a time may hold.
async fn save(start: Instant, book: &Mutex<()>, line: &str) {
    let _held = book.lock().await;
    sleep(ms(100)).await; // a slow pen
    println!("{:.1} s: {line}", start.elapsed().as_secs_f64());
}
// ANCHOR_END: save

// ANCHOR: kept
async fn kept(start: Instant, book: &Mutex<()>) {
    let mut poem = pin!(save(start, book, "a poem"));
    select! {
        () = &mut poem => {}
        () = sleep(ms(200)) => {
            save(start, book, "a note: the poem takes long").await;
            poem.await;
        }
    }
}
// ANCHOR_END: kept

// ANCHOR: together
async fn together(start: Instant, book: &Mutex<()>) {
    let mut poem = pin!(save(start, book, "a poem"));
    select! {
        () = &mut poem => {}
        () = sleep(ms(200)) => {
            join!(save(start, book, "a note: the poem takes long"), poem);
        }
    }
}
// ANCHOR_END: together

// ANCHOR: main
/// Runs `f` while another task holds the book for 0.3 s, and gives it an hour.
async fn try_it(f: impl AsyncFnOnce(Instant, &Mutex<()>)) {
    let start = Instant::now();
    let book = Mutex::new(());
    let holder = async {
        let _held = book.lock().await;
        sleep(ms(300)).await;
    };
    let writer = async {
        sleep(ms(100)).await;
        f(start, &book).await;
    };
    let both = async { join!(holder, writer) };
    match timeout(Duration::from_secs(3600), both).await {
        Ok(_) => println!("done"),
        Err(late) => println!("{late}"),
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!("kept, and not polled:");
    try_it(kept).await;
    println!("polled together:");
    try_it(together).await;
}
// ANCHOR_END: main
