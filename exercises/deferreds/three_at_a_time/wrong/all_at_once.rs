//! Wrong: every job is called first, and then waits for a token.
use untwisted::deferreds::{Deferred, Failure, Semaphore, deferred_list};

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
    deferred_list(jobs.into_iter().map(|job| {
        let download = (job.begin)();
        three.run(|| download)
    }))
}
