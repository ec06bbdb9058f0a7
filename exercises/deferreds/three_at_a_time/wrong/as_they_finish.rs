//! Wrong: the results stand in the order in which the downloads ended.
use std::{cell::RefCell, rc::Rc};
use untwisted::deferreds::{Deferred, Failure, Semaphore, deferred_list};

/// Begins a download when it is called.
pub type Job = Box<dyn FnOnce() -> Deferred<String>>;

/// Does all jobs, at most three at a time.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    let three = Semaphore::new(3);
    let results = Rc::new(RefCell::new(Vec::new()));
    let all = deferred_list(jobs.into_iter().map(|job| {
        let results = results.clone();
        three.run(job).add_both(move |result| {
            results.borrow_mut().push(result);
            Ok(())
        })
    }));
    all.add_callback(move |_| Ok(results.take()))
}
