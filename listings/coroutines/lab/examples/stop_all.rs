//! The twin of `coroutines/stop_all`: a `CancellationToken` asks, and `abort_all` ends.
use std::time::Duration;
use tokio::{
    select,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

// ANCHOR: work
const TENTH: Duration = Duration::from_millis(100);

async fn work(start: Instant, stop: CancellationToken, name: &str, closing: u32) -> u32 {
    let now = || format!("{:.2} s", start.elapsed().as_secs_f64());
    let mut pages = 0;
    while stop.run_until_cancelled(sleep(TENTH)).await.is_some() {
        pages += 1;
    }
    println!("{}: {name} begins to close", now());
    sleep(closing * TENTH).await;
    println!("{}: {name} is closed", now());
    pages
}
// ANCHOR_END: work

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (start, stop) = (Instant::now(), CancellationToken::new());
    let now = || format!("{:.2} s", start.elapsed().as_secs_f64());
    let mut all: JoinSet<_> = [("ant", 1), ("bee", 3), ("snail", 50)]
        .map(|(name, closing)| work(start, stop.clone(), name, closing))
        .into_iter()
        .collect();

    sleep(Duration::from_millis(250)).await;
    println!("{}: please stop", now());
    stop.cancel();

    let limit = Instant::now() + 5 * TENTH;
    let (mut pages, mut late) = (Vec::new(), false);
    while !all.is_empty() {
        select! {
            result = all.join_next() => pages.extend(result),
            () = sleep_until(limit), if !late => {
                late = true;
                all.abort_all();
            }
        }
    }
    for result in pages {
        match result {
            Ok(pages) => println!("{}: {pages} pages", now()),
            Err(_) => println!("{}: cancelled", now()),
        }
    }
}
// ANCHOR_END: main
