//! Wrong: takes a loop for threads.

/// One job. Its answer comes `wait` milliseconds after it was asked for; then the program works on it for `work` milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Milliseconds until the answer is here.
    pub wait: u32,
    /// Milliseconds of computing that the answer needs.
    pub work: u32,
}

/// Milliseconds until one thread has done all jobs with blocking calls, in the order given.
pub fn one_thread(jobs: &[Job]) -> u32 {
    jobs.iter().map(|job| job.wait + job.work).sum()
}

/// Milliseconds until a thread for each job is done, with a processor core for each.
pub fn threads(jobs: &[Job]) -> u32 {
    jobs.iter()
        .map(|job| job.wait + job.work)
        .max()
        .unwrap_or(0)
}

/// Milliseconds until one loop is done: it asks for everything at once, and works on the answers as they come.
pub fn one_loop(jobs: &[Job]) -> u32 {
    jobs.iter()
        .map(|job| job.wait + job.work)
        .max()
        .unwrap_or(0)
}
