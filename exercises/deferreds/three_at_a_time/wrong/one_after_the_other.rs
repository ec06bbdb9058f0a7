//! Wrong: a lock lets in one.
use untwisted::deferreds::{Deferred, Failure, Lock, deferred_list};

/// Begins a download when it is called.
pub type Job = Box<dyn FnOnce() -> Deferred<String>>;

/// Does all jobs, at most three at a time.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    let one = Lock::new();
    deferred_list(jobs.into_iter().map(|job| one.run(job)))
}
