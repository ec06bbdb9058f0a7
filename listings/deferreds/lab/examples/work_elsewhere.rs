//! The twin of `deferreds/work_elsewhere`: `spawn_blocking` returns a handle to await.
use futures_util::future::join_all;
use tokio::task::spawn_blocking;

// ANCHOR: thread
/// The smallest divisor of `n`, found the slow way.
fn divisor(n: u64) -> Result<u64, String> {
    (2..n)
        .find(|d| n.is_multiple_of(*d))
        .ok_or_else(|| format!("{n} has none"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let work = [1_018_081, 1_000_003].map(|n| {
        let work = spawn_blocking(move || divisor(n));
        async move {
            match work.await.expect("no panic") {
                Ok(d) => format!("{n} is {d} times {}", n / d),
                Err(failure) => failure,
            }
        }
    });
    println!("the loop is free");
    for line in join_all(work).await {
        println!("{line}");
    }
}
// ANCHOR_END: thread
