//! Wrong: the first failure ends the wait for all.
use untwisted::deferreds::{Deferred, Failure, Semaphore, gather_results};

/// Begins a download when it is called.
pub type Job = Box<dyn FnOnce() -> Deferred<String>>;

/// Does all jobs, at most three at a time.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    let three = Semaphore::new(3);
    gather_results(jobs.into_iter().map(|job| three.run(job)))
        .add_callback(|texts| Ok(texts.into_iter().map(Ok).collect()))
}
