//! Wrong: lets each job run to its end.

/// A piece of work. Each call does one step, and returns whether it wants to be called again.
pub type Job = Box<dyn FnMut() -> bool>;

/// Calls the jobs in turn until none of them wants to be called again. Returns how many calls that took.
pub fn by_turns(jobs: Vec<Job>) -> usize {
    let mut calls = 0;
    for mut job in jobs {
        calls += 1;
        while job() {
            calls += 1;
        }
    }
    calls
}
