//! At most three at a time: you write `three_at_a_time`.
use untwisted::deferreds::{Deferred, Failure};

/// Begins a download when it is called.
pub type Job = Box<dyn FnOnce() -> Deferred<String>>;

/// Does all jobs, at most three at a time.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    let _ = jobs;
    todo!()
}
