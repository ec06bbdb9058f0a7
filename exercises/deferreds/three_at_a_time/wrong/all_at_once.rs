//! Wrong: every job is called first, and then waits for a token.
use untwisted::deferreds::{Deferred, Failure, Semaphore, deferred_list};

/// Begins a download when it is called.
pub type Job = Box<dyn FnOnce() -> Deferred<String>>;

/// Does all jobs, at most three at a time.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    let three = Semaphore::new(3);
    deferred_list(jobs.into_iter().map(|job| {
        let download = job();
        three.run(|| download)
    }))
}
