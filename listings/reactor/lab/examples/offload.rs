//! The twin of `reactor/offload`: `spawn_blocking`, and an await.
use tokio::task::{spawn_blocking, yield_now};

/// How many primes there are below `limit`, found the slow way.
fn primes(limit: u64) -> usize {
    (2..limit)
        .filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0))
        .count()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let work = spawn_blocking(|| primes(100_000));
    yield_now().await;
    println!("the loop is free");
    println!("{} primes below 100000", work.await.unwrap());
}
