//! Wrong: the results stand in the order in which the downloads ended.
use std::{cell::RefCell, rc::Rc};
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
    let results = Rc::new(RefCell::new(Vec::new()));
    let all = deferred_list(jobs.into_iter().map(|job| {
        let results = results.clone();
        three.run(job.begin).add_both(move |result| {
            results.borrow_mut().push(result);
            Ok(())
        })
    }));
    all.add_callback(move |_| Ok(results.take()))
}
