//! The same job on tokio: a grid of its own, and a token that is looked at between two runs.
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

// ANCHOR: main
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let (token, begin) = (CancellationToken::new(), Instant::now());
    let now = move || format!("{:.1} s", begin.elapsed().as_secs_f64());
    let backup = tokio::spawn(repeats(token.clone(), now));
    sleep(Duration::from_millis(4200)).await;
    println!("{}: it is told to stop", now());
    token.cancel();
    backup.await.expect("it does not panic");
    println!("{}: it has stopped", now());
}

async fn repeats(token: CancellationToken, now: impl Fn() -> String) {
    const EVERY: Duration = Duration::from_secs(1);
    let mut due = Instant::now();
    for run in 1.. {
        tokio::select! {
            () = sleep_until(due) => {}
            () = token.cancelled() => return,
        }
        // Not in the select: a run that has begun is finished.
        if let Err(error) = work(run, &now).await {
            eprintln!("backup: {error}");
        }
        // `interval` would bring one of the missed beats late, and only then skip.
        while due <= Instant::now() {
            due += EVERY;
        }
    }
}
// ANCHOR_END: main

async fn work(run: usize, now: impl Fn() -> String) -> Result<(), &'static str> {
    println!("{}: run {run} begins", now());
    sleep(Duration::from_millis([2500, 100, 500][run - 1])).await;
    if run == 2 {
        println!("{}: run 2 fails", now());
        return Err("the disk is full");
    }
    println!("{}: run {run} is done", now());
    Ok(())
}
