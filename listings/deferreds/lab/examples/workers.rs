//! The twin of `deferreds/workers`: a bounded channel, and a loop for each worker.
use std::{rc::Rc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    task::{LocalSet, yield_now},
    time::{Instant, sleep},
};

// ANCHOR: workers
/// Takes a job, does it, and takes the next one, until there are no more.
async fn worker(start: Instant, number: u64, queue: Rc<Mutex<mpsc::Receiver<&'static str>>>) {
    let now = || format!("{:.2} s", start.elapsed().as_secs_f64());
    loop {
        let Some(poem) = queue.lock().await.recv().await else {
            return;
        };
        println!("{}: worker {number} begins {poem}", now());
        sleep(Duration::from_millis(90 + 20 * number)).await;
        println!("{}: worker {number} is done", now());
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let tasks = LocalSet::new();
    let start = Instant::now();
    let (queue, jobs) = mpsc::channel(2);
    let jobs = Rc::new(Mutex::new(jobs));
    for number in [1, 2] {
        tasks.spawn_local(worker(start, number, jobs.clone()));
    }
    tasks
        .run_until(async move {
            for poem in ["eagle", "hope", "wind", "tyger", "requiem"] {
                if queue.try_send(poem).is_err() {
                    println!("the queue is full, so no {poem}");
                }
                yield_now().await; // a channel does not call its reader
            }
        })
        .await;
    tasks.await;
}
// ANCHOR_END: workers
