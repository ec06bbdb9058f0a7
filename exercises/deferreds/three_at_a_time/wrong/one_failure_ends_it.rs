//! Wrong: the first failure ends the wait for all.
use untwisted::deferreds::{Deferred, Failure, Semaphore, gather_results};

/// A download from a server.
pub struct Job {
    /// The server that it downloads from.
    pub server: &'static str,
    /// Begins it.
    pub begin: Box<dyn FnOnce() -> Deferred<String>>,
}

/// Does all jobs, at most three at a time, and never two from one server.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    let three = Semaphore::new(3);
    gather_results(jobs.into_iter().map(|job| three.run(job.begin)))
        .add_callback(|texts| Ok(texts.into_iter().map(Ok).collect()))
}
