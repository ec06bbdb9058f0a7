//! At most three at a time: one way to write it.
use untwisted::deferreds::{Deferred, Failure, Semaphore, deferred_list};

/// Begins a download when it is called.
pub type Job = Box<dyn FnOnce() -> Deferred<String>>;

/// Does all jobs, at most three at a time.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    let three = Semaphore::new(3);
    deferred_list(jobs.into_iter().map(|job| three.run(job)))
}
