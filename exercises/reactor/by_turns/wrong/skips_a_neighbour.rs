//! Wrong: goes on with the next index after it has removed one.

/// A piece of work. Each call does one step, and returns whether it wants to be called again.
pub type Job = Box<dyn FnMut() -> bool>;

/// Calls the jobs in turn until none of them wants to be called again. Returns how many calls that took.
pub fn by_turns(mut jobs: Vec<Job>) -> usize {
    let mut calls = 0;
    while !jobs.is_empty() {
        let mut at = 0;
        while at < jobs.len() {
            calls += 1;
            if !jobs[at]() {
                drop(jobs.remove(at));
            }
            at += 1;
        }
    }
    calls
}
