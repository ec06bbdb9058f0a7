//! A loop in which jobs take turns.

/// A piece of work. Each call does one step, and returns whether it wants to be called again.
pub type Job = Box<dyn FnMut() -> bool>;

/// Calls the jobs in turn until none of them wants to be called again. Returns how many calls that took.
pub fn by_turns(jobs: Vec<Job>) -> usize {
    let _ = jobs;
    todo!("call each of them once, then those that want it again")
}
