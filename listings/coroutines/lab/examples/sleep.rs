//! The twin of `coroutines/sleep`: tokio's `sleep` keeps its timer in the same way.
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};
use tokio::time::{Instant, sleep};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let tenths = |n: u64| Duration::from_millis(100 * n);

    println!("{:.1} s: good night", start.elapsed().as_secs_f64());
    sleep(tenths(2)).await;
    println!("{:.1} s: good morning", start.elapsed().as_secs_f64());

    drop(sleep(tenths(36_000))); // it takes its timer along

    let [first, second] = [(); 2].map(|()| Arc::new(Count::default()));
    let mut nap = pin!(sleep(tenths(1)));
    for count in [&first, &second] {
        let waker = Waker::from(Arc::clone(count));
        let _ = nap.as_mut().poll(&mut Context::from_waker(&waker));
    }
    sleep(tenths(2)).await;
    let calls = |count: &Count| count.0.load(Ordering::Relaxed);
    println!(
        "calls: {} of the first, {} of the second",
        calls(&first),
        calls(&second)
    );
}
