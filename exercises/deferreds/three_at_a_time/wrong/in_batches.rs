//! Wrong: three, and when all three have ended, the next three.
use untwisted::deferreds::{Deferred, Failure, deferred_list};

/// A download from a server.
pub struct Job {
    /// The server that it downloads from.
    pub server: &'static str,
    /// Begins it.
    pub begin: Box<dyn FnOnce() -> Deferred<String>>,
}

/// Does all jobs, at most three at a time, and never two from one server.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    next(jobs.into_iter(), Vec::new())
}

type Results = Vec<Result<String, Failure>>;

fn next(mut jobs: std::vec::IntoIter<Job>, mut results: Results) -> Deferred<Results> {
    let batch: Vec<_> = jobs.by_ref().take(3).map(|job| (job.begin)()).collect();
    if batch.is_empty() {
        return Deferred::succeed(results);
    }
    deferred_list(batch).add_callback(move |more| {
        results.extend(more);
        next(jobs, results)
    })
}
