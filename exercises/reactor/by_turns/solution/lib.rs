//! A loop in which jobs take turns.
use std::collections::VecDeque;

/// A piece of work. Each call does one step, and returns whether it wants to be called again.
pub type Job = Box<dyn FnMut() -> bool>;

/// Calls the jobs in turn until none of them wants to be called again. Returns how many calls that took.
pub fn by_turns(jobs: Vec<Job>) -> usize {
    let mut queue = VecDeque::from(jobs);
    let mut calls = 0;
    while let Some(mut job) = queue.pop_front() {
        calls += 1;
        if job() {
            queue.push_back(job);
        }
    }
    calls
}
