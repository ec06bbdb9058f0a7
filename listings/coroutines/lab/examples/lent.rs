//! The twin of `coroutines/lent`: a future that is given to `timeout`, and one that is lent to it.
use std::{io, pin::pin, time::Duration};
use tokio::time::{Instant, sleep, timeout};

// ANCHOR: main
const LIMIT: Duration = Duration::from_millis(150);

/// A poem that takes 0.2 s.
async fn get_poem() -> io::Result<String> {
    sleep(Duration::from_millis(200)).await;
    Ok("Hope is the thing with feathers".to_owned())
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> io::Result<()> {
    let start = Instant::now();
    let now = || start.elapsed().as_secs_f64();

    println!("{:.2} s: given away", now());
    match timeout(LIMIT, get_poem()).await {
        Ok(poem) => println!("{:.2} s: {} bytes", now(), poem?.len()),
        Err(_) => println!("{:.2} s: too late, and dropped", now()),
    }

    println!("{:.2} s: lent", now());
    let mut poem = pin!(get_poem());
    let poem = loop {
        match timeout(LIMIT, &mut poem).await {
            Ok(poem) => break poem?,
            Err(_) => println!("{:.2} s: not yet", now()),
        }
    };
    println!("{:.2} s: {} bytes", now(), poem.len());
    Ok(())
}
// ANCHOR_END: main
