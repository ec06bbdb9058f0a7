//! Wrong: counts the rounds.

/// A piece of work. Each call does one step, and returns whether it wants to be called again.
pub type Job = Box<dyn FnMut() -> bool>;

/// Calls the jobs in turn until none of them wants to be called again. Returns how many calls that took.
pub fn by_turns(jobs: Vec<Job>) -> usize {
    let mut queue = jobs;
    let mut rounds = 0;
    while !queue.is_empty() {
        rounds += 1;
        let mut next = Vec::new();
        for mut job in queue {
            if job() {
                next.push(job);
            }
        }
        queue = next;
    }
    rounds
}
