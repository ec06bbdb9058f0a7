//! Blocking work of one kind, in threads of its own: so many at once and no more.
use deferreds::{Deferred, Failure, Guard, Semaphore};
use reactor::{Handle, ThreadPool};
use std::{cell::RefCell, rc::Rc};

/// A pool of threads for one kind of blocking work.
///
/// [`defer_to_thread`](deferreds::defer_to_thread) has ten threads for all that blocks. If ten
/// questions to a slow database hold them all, no other work is done. With four threads of its own
/// the database takes none of the ten, and its fifth question waits, in order.
///
/// The threads are started when there is work. Work that was cancelled in the line never begins.
/// Work that has begun cannot be stopped: the Deferred fires [`Cancelled`](deferreds::Cancelled) at
/// once, and the place is taken until the thread is done. When the last clone is dropped, what was
/// begun is done, and the threads end. So it is at the end of the reactor, which waits for them [so
/// long](reactor::Os::jobs_at_end).
///
/// ```
/// use applications::Threads;
/// use reactor::{Os, Reactor};
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let handle = reactor.handle();
/// let hashes = Threads::new(2);
/// let sum = hashes.run(&handle, || Ok((1..=1_000_u64).sum::<u64>()));
/// let shown = sum.add_callback(move |sum| {
///     handle.stop()?;
///     Ok(sum)
/// });
/// reactor.run()?;
/// assert_eq!(shown.into_result().unwrap()?, 500_500);
/// # Ok::<(), deferreds::Failure>(())
/// ```
///
/// Source:
/// [`deferToThreadPool`](https://docs.twisted.org/en/stable/api/twisted.internet.threads.html#deferToThreadPool).
#[derive(Clone)]
pub struct Threads(Rc<Inner>);

struct Inner {
    semaphore: Semaphore,
    /// Made when there is work, for the reactor that it is given for.
    pool: RefCell<Option<ThreadPool>>,
}

impl Threads {
    /// Returns a pool of at most `size` threads; 0 counts as 1.
    #[must_use]
    pub fn new(size: usize) -> Threads {
        let semaphore = Semaphore::new(size.max(1));
        let pool = RefCell::default();
        Threads(Rc::new(Inner { semaphore, pool }))
    }

    /// Runs `work` in a thread when one of ours is free, and fires with its result.
    #[track_caller]
    pub fn run<T: Send + 'static>(
        &self,
        reactor: &Handle,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Deferred<T> {
        let (reactor, ours) = (reactor.clone(), self.clone());
        let guard = self.0.semaphore.acquire();
        guard.add_callback(move |guard: Guard| {
            let (resolver, deferred) = Deferred::new();
            // The guard is dropped when the thread is done, and not when the Deferred is cancelled.
            ours.offload(&reactor, work, move |result| {
                drop(guard);
                resolver.fire(result);
            });
            deferred
        })
    }

    fn offload<T: Send + 'static>(
        &self,
        reactor: &Handle,
        work: impl FnOnce() -> T + Send + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        // No borrow while work is given away: what is dropped then is the program's own.
        let ours = self.0.pool.take();
        let ours = ours.filter(|pool| pool.belongs_to(reactor));
        let ours = ours.unwrap_or_else(|| reactor.thread_pool(self.0.semaphore.limit()));
        ours.offload(work, move |_, result| done(result));
        self.0.pool.replace(Some(ours));
    }

    /// Returns how many threads work, also for Deferreds that were cancelled.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.0.semaphore.limit() - self.0.semaphore.free()
    }

    /// Returns how many calls wait for a thread.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.semaphore.waiting()
    }
}
