//! Work for other threads, and the callbacks that wait for it here.
use crate::{
    Handle, Job, World,
    panics::{release, released},
};
use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
};
use trace::{Kind, Object, Prefix};

/// Threads of their own for one kind of work. Dropped, it takes no more; what it was given is done,
/// and its callbacks are called.
///
/// A simulated world has no threads: there each job takes the same time, and none waits for another
/// one.
///
/// ```
/// use reactor::{Os, Reactor};
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let hashes = reactor.handle().thread_pool(2);
/// hashes.offload(|| (1..=1_000_u64).sum::<u64>(), |h, sum| {
///     assert_eq!(sum, 500_500);
///     h.stop().unwrap();
/// });
/// reactor.run()?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Source:
/// [`twisted.python.threadpool`](https://docs.twisted.org/en/stable/api/twisted.python.threadpool.html).
pub struct ThreadPool {
    reactor: Handle,
    number: u64,
}

impl ThreadPool {
    /// Runs `work` in a thread of this pool, and then `done` here with its result, as
    /// [`Handle::offload`] does.
    #[track_caller]
    pub fn offload<T, W, D>(&self, work: W, done: D)
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
        D: FnOnce(&Handle, T) + 'static,
    {
        let number = self.number;
        self.reactor.elsewhere(done, |world, tell| {
            let job: Job = Box::new(move || tell(catch_unwind(AssertUnwindSafe(work))));
            match world.pools() {
                Some(pools) => pools.run(number, job),
                None => world.offload(job),
            }
        });
    }

    /// Returns whether it is a pool of that reactor.
    pub fn belongs_to(&self, reactor: &Handle) -> bool {
        Rc::ptr_eq(&self.reactor.core, &reactor.core)
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        // Borrowed by the drop of a world: then the pool ends with it.
        if let Ok(mut world) = self.reactor.core.world.try_borrow_mut()
            && let Some(pools) = world.pools()
        {
            pools.close(self.number);
        }
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThreadPool({})", self.number)
    }
}

/// The callback of a job that is not done yet. [`Core`](crate::handle::Core) keeps them under the
/// number of the job.
pub(crate) struct Waiting {
    object: Object,
    done: Box<dyn Any>,
}

impl Handle {
    /// Runs `work` in another thread, and then `done` here with its result.
    ///
    /// `work` must not wait for the reactor. A panic in `work` goes on in the reactor's thread.
    /// When the reactor is dropped first, `done` is dropped, and what `work` returns is lost; but
    /// `work` is done: the drop waits for it, [so long](crate::Os::jobs_at_end).
    ///
    /// ```
    /// use reactor::{Os, Reactor};
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// let mut reactor = Reactor::new(Os::new()?);
    /// let answer = Rc::new(Cell::new(0));
    /// let seen = Rc::clone(&answer); // `done` may capture what is not Send
    /// reactor.handle().offload(
    ///     || (1..=1_000_000_u64).sum::<u64>(),
    ///     move |h, sum| {
    ///         seen.set(sum);
    ///         h.stop().unwrap();
    ///     },
    /// );
    /// reactor.run()?;
    /// assert_eq!(answer.get(), 500_000_500_000);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn offload<T, W, D>(&self, work: W, done: D)
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
        D: FnOnce(&Handle, T) + 'static,
    {
        self.elsewhere(done, |world, tell| {
            world.offload(Box::new(move || tell(catch_unwind(AssertUnwindSafe(work)))));
        });
    }

    /// Opens a pool of `most` threads at most, for one kind of work; 0 counts as 1. The threads of
    /// [`offload`](Handle::offload) are ten for all that blocks, and work that holds them for long
    /// holds up everybody.
    pub fn thread_pool(&self, most: usize) -> ThreadPool {
        let mut world = self.core.world.borrow_mut();
        let number = world.pools().map_or(0, |pools| pools.open(most.max(1)));
        drop(world);
        let reactor = self.clone();
        ThreadPool { reactor, number }
    }

    /// Has the world begin something, and calls `done` here when it has told how that ended, from
    /// any thread.
    #[track_caller]
    pub(crate) fn elsewhere<T, D>(
        &self,
        done: D,
        begin: impl FnOnce(&mut dyn World, Box<dyn FnOnce(std::thread::Result<T>) + Send>),
    ) where
        T: Send + 'static,
        D: FnOnce(&Handle, T) + 'static,
    {
        // Both may own what the program wants dropped, in this order.
        if self.core.closed.get() {
            release(begin);
            return release(done);
        }
        let object = trace::object(Prefix::Job);
        trace::event(Kind::JobQueue).of(object).here().record();
        let waiting = Waiting {
            object,
            done: Box::new(done),
        };
        // `done` stays here, for it need not be `Send`; only its number goes to the thread.
        let number = self.core.jobs.borrow_mut().insert(waiting);
        let remote = self.remote();
        let tell = move |result| {
            remote.report(number, move |reactor| {
                reactor.job_done::<T, D>(number, result)
            });
        };
        // A world only takes the job and runs it later, so nothing of the program runs in here.
        begin(&mut **self.core.world.borrow_mut(), Box::new(tell));
        self.core.changed();
    }

    /// Says that a job was done elsewhere. When it began is not known here.
    pub(crate) fn record_job(&self, number: usize) -> Object {
        if !trace::on() {
            return Object::NONE;
        }
        let jobs = self.core.jobs.borrow();
        let object = jobs.get(number).map_or(Object::NONE, |job| job.object);
        drop(jobs);
        drop(
            trace::event(Kind::JobStart)
                .of(object)
                .because_of(object)
                .enter(),
        );
        object
    }

    fn job_done<T, D>(&self, number: usize, result: std::thread::Result<T>)
    where
        D: FnOnce(&Handle, T) + 'static,
    {
        let waiting = self.core.jobs.borrow_mut().try_remove(number);
        let Some(Waiting { done, .. }) = waiting else {
            return;
        };
        match (result, done.downcast::<D>()) {
            (Ok(value), Ok(done)) => done(self, value),
            (Err(panic), done) => {
                let _done = released(done);
                resume_unwind(panic)
            }
            (Ok(_), Err(_)) => unreachable!("the number of a job belongs to one job"),
        }
    }
}
