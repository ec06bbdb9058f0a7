//! Wrong: removes what is done at the end of the round.

/// A piece of work. Each call does one step, and returns whether it wants to be called again.
pub type Job = Box<dyn FnMut() -> bool>;

/// Calls the jobs in turn until none of them wants to be called again. Returns how many calls that took.
pub fn by_turns(mut jobs: Vec<Job>) -> usize {
    let mut calls = 0;
    while !jobs.is_empty() {
        let again: Vec<bool> = jobs.iter_mut().map(|job| job()).collect();
        calls += again.len();
        let mut again = again.into_iter();
        jobs.retain(|_| again.next() == Some(true));
    }
    calls
}
