//! A few threads for work that blocks.
use crate::Job;
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// Threads are started when work comes and nobody is idle. They end with the pool, each after the job it is at.
pub(super) struct Pool {
    name: &'static str,
    most: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No job runs while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        while !state.closed {
            match state.jobs.pop_front() {
                Some(job) => {
                    drop(state);
                    // `Handle::offload` reports panics to the reactor; here the thread only has to survive them.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                    state = self.lock();
                }
                None => {
                    state.idle += 1;
                    state = self
                        .work
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                    state.idle -= 1;
                }
            }
        }
    }
}

impl Pool {
    /// A pool of so many threads at most, which are called by that name and a number.
    pub(super) fn new(name: &'static str, most: usize) -> Pool {
        Pool {
            name,
            most,
            shared: Arc::default(),
        }
    }

    pub(super) fn run(&self, job: Job) {
        let mut state = self.shared.lock();
        state.jobs.push_back(job);
        if state.jobs.len() > state.idle && state.threads < self.most {
            let shared = Arc::clone(&self.shared);
            let name = format!("{} {}", self.name, state.threads + 1);
            let started = thread::Builder::new()
                .name(name)
                .spawn(move || shared.work());
            match started {
                Ok(_) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    panic!("no thread can be started for a job: {error}")
                }
                Err(_) => {} // the threads there are will do it
            }
        }
        self.shared.work.notify_one();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let jobs = {
            let mut state = self.shared.lock();
            state.closed = true;
            std::mem::take(&mut state.jobs)
        };
        self.shared.work.notify_all();
        drop(jobs);
    }
}
