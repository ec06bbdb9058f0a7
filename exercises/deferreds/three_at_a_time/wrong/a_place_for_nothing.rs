//! Wrong: takes one of the three places, and waits there until its server is free.
use std::collections::BTreeMap;
use untwisted::deferreds::{Deferred, Failure, Lock, Semaphore, deferred_list};

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
    let mut servers: BTreeMap<&str, Lock> = BTreeMap::new();
    deferred_list(jobs.into_iter().map(|job| {
        let server = servers.entry(job.server).or_default().clone();
        three.run(move || server.run(job.begin))
    }))
}
