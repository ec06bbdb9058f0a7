//! The twin of `coroutines/clean_up`: a future dropped, a guard in it, a future asked. Nothing here can be cancelled and answer.
use std::time::Duration;
use tokio::{
    select, spawn,
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

const TENTH: Duration = Duration::from_millis(100);

// ANCHOR: book
/// Closing takes time: it has to wait, and so it cannot be done in a `drop`.
async fn close(start: Instant) {
    sleep(2 * TENTH).await;
    println!("{:.2} s: the book is closed", start.elapsed().as_secs_f64());
}

async fn write(start: Instant) -> usize {
    for _ in 0..5 {
        sleep(TENTH).await; // an entry
    }
    close(start).await;
    5
}
// ANCHOR_END: book

// ANCHOR: guard
/// The best that `drop` can do: let another task close it, later.
struct Guard(Instant);

impl Drop for Guard {
    fn drop(&mut self) {
        spawn(close(self.0));
    }
}
// ANCHOR_END: guard

// ANCHOR: asked
/// A future that is asked to end, and does it in its own time.
async fn until(start: Instant, mut stop: oneshot::Receiver<()>) -> usize {
    let mut entries = 0;
    loop {
        select! {
            _ = &mut stop => break,
            () = sleep(TENTH) => entries += 1,
        }
    }
    close(start).await;
    entries
}
// ANCHOR_END: asked

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (start, limit) = (Instant::now(), Duration::from_millis(250));
    let now = || format!("{:.2} s", start.elapsed().as_secs_f64());

    println!("{}: dropped", now());
    let end = timeout(limit, write(start)).await;
    println!("{}: {end:?}", now());
    sleep(5 * TENTH).await;

    println!("{}: dropped, with a guard", now());
    let guarded = async {
        let _guard = Guard(start);
        write(start).await
    };
    let end = timeout(limit, guarded).await;
    println!("{}: {end:?}", now());
    sleep(5 * TENTH).await;

    println!("{}: a future, asked", now());
    let (stop, asked) = oneshot::channel();
    let writing = spawn(until(start, asked));
    sleep(limit).await;
    let _ = stop.send(());
    let end = writing.await.unwrap_or(0);
    println!("{}: {end} entries", now());
}
// ANCHOR_END: main
