//! A few threads for work that blocks.
use crate::{Job, Panics, panics::discard};
use std::{
    collections::VecDeque,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Threads are started when work comes and none is idle. At its end the pool waits, but only so
/// long, until all work that it was given is done.
pub(super) struct Pool {
    name: &'static str,
    most: usize,
    /// How long it waits at its end; what has not begun by then is dropped.
    pub(super) at_end: Duration,
    queue: Arc<JobQueue>,
}

#[derive(Default)]
struct JobQueue {
    state: Mutex<State>,
    work: Condvar,
    /// A thread has ended.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl JobQueue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No job runs while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            match state.jobs.pop_front() {
                Some(job) => {
                    drop(state);
                    // `Handle::offload` reports panics to the reactor; here the thread only has to
                    // survive them.
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(job)) {
                        discard(panic);
                    }
                    state = self.lock();
                }
                // Only when the queue is empty: work that was given is done.
                None if state.closed => break,
                None => {
                    // `run` starts a thread only when there are more jobs than idle ones.
                    state.idle += 1;
                    state = self
                        .work
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                    state.idle -= 1;
                }
            }
        }
        state.threads -= 1;
        drop(state);
        self.ended.notify_all();
    }
}

impl Pool {
    /// Returns a pool of so many threads at most, which are called by that name and a number, and
    /// are waited for so long.
    pub(super) fn new(name: &'static str, most: usize, at_end: Duration) -> Pool {
        Pool {
            name,
            most,
            at_end,
            queue: Arc::default(),
        }
    }

    pub(super) fn run(&self, job: Job) {
        let mut state = self.queue.lock();
        state.jobs.push_back(job);
        if state.jobs.len() > state.idle && state.threads < self.most {
            let queue = Arc::clone(&self.queue);
            let name = format!("{} {}", self.name, state.threads + 1);
            let started = thread::Builder::new()
                .name(name)
                .spawn(move || queue.work());
            match started {
                Ok(_) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    panic!("no thread can be started for a job: {error}")
                }
                Err(_) => {} // the threads there are will do it
            }
        }
        self.queue.work.notify_one();
    }
}

impl Pool {
    /// No more work comes: the threads end when what there is is done.
    pub(super) fn close(&self) {
        self.queue.lock().closed = true;
        self.queue.work.notify_all();
    }

    /// Returns whether no thread is left.
    pub(super) fn has_ended(&self) -> bool {
        self.queue.lock().threads == 0
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
        let mut state = self.queue.lock();
        if !self.at_end.is_zero() {
            let at_work = |state: &mut State| state.threads > 0;
            let ended = &self.queue.ended;
            let waited = ended.wait_timeout_while(state, self.at_end, at_work);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            // Threads cannot be stopped. The process may end under them, so it is said.
            if state.threads > 0 {
                let (began, left, limit) = (state.threads, state.jobs.len(), self.at_end);
                eprintln!(
                    "work of `offload` is cut off {limit:?} after the end of the reactor: {began} that had begun, \
                     {left} that had not"
                );
            }
        }
        // Dropped without the lock: a job may own what another thread's job waits for.
        let left = mem::take(&mut state.jobs);
        drop(state);
        let mut panics = Panics::default();
        panics.drop_each(left);
        panics.go_on();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LOOKUPS, Os};
    use crate::World;
    use std::{
        sync::{
            Arc, Mutex,
            atomic::{AtomicUsize, Ordering},
            mpsc::{RecvTimeoutError, channel},
        },
        time::Duration,
    };

    /// What a hang costs.
    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn a_slow_resolver_takes_threads_of_its_own_and_no_more() {
        let mut os = Os::new().unwrap();
        let (open, gate) = channel::<()>();
        let (gate, now) = (Arc::new(Mutex::new(gate)), Arc::new(AtomicUsize::new(0)));
        let (began, begins) = channel();
        let (ended, ends) = channel();
        for _ in 0..5 * LOOKUPS {
            let (gate, now) = (Arc::clone(&gate), Arc::clone(&now));
            let (began, ended) = (began.clone(), ended.clone());
            os.names.run(Box::new(move || {
                began.send(now.fetch_add(1, Ordering::SeqCst) + 1).unwrap();
                let _ = gate.lock().unwrap().recv(); // until the resolver answers
                now.fetch_sub(1, Ordering::SeqCst);
                ended.send(()).unwrap();
            }));
        }
        for _ in 0..LOOKUPS {
            begins.recv_timeout(PATIENCE).unwrap();
        }
        // All lookups are slow. A job is done all the same, and the clock's limit of a wait holds.
        let (done, is_done) = channel();
        os.offload(Box::new(move || done.send(()).unwrap()));
        is_done.recv_timeout(PATIENCE).unwrap();
        let until = os.now() + Duration::from_millis(1);
        while os.now() < until {
            os.wait(Some(until), &mut Vec::new()).unwrap();
        }
        let more = begins.recv_timeout(Duration::from_millis(10));
        assert_eq!(more, Err(RecvTimeoutError::Timeout), "so many at once");
        drop(open);
        for _ in 0..5 * LOOKUPS {
            ends.recv_timeout(PATIENCE).unwrap();
        }
        for at_once in begins.try_iter() {
            assert!(at_once <= LOOKUPS, "{at_once} at once");
        }
    }
}
