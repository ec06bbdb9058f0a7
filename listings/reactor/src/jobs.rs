//! Work for other threads, and the callbacks that wait for it here.
use crate::{
    Handle, World,
    panics::{Released, release},
};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};
use trace::{Kind, Object, Prefix};

/// The callbacks of jobs that are not done yet, by number.
#[derive(Default)]
pub(crate) struct Jobs {
    waiting: Vec<Option<Waiting>>,
    free: Vec<usize>,
}

pub(crate) struct Waiting {
    object: Object,
    done: Box<dyn Any>,
}

impl Jobs {
    fn add(&mut self, waiting: Waiting) -> usize {
        match self.free.pop() {
            Some(at) => {
                self.waiting[at] = Some(waiting);
                at
            }
            None => {
                self.waiting.push(Some(waiting));
                self.waiting.len() - 1
            }
        }
    }

    /// What is left, to be dropped.
    pub(crate) fn into_waiting(self) -> impl Iterator<Item = Option<Waiting>> {
        self.waiting.into_iter()
    }

    fn object(&self, at: usize) -> Object {
        let waiting = self.waiting.get(at).and_then(Option::as_ref);
        waiting.map_or(Object::NONE, |waiting| waiting.object)
    }

    fn take(&mut self, at: usize) -> Option<Waiting> {
        let waiting = self.waiting.get_mut(at)?.take()?;
        self.free.push(at);
        Some(waiting)
    }
}

impl Handle {
    /// Runs `work` in another thread, and then `done` here with its result.
    ///
    /// `work` must not wait for the reactor. A panic in `work` goes on in the reactor's thread. When the reactor is
    /// dropped first, `done` is dropped, and what `work` returns is lost; but `work` is done: the drop waits for it,
    /// [so long](crate::Os::jobs_at_end).
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

    /// Has the world begin something, and calls `done` here when it has told how that ended, from any thread.
    #[track_caller]
    pub(crate) fn elsewhere<T, D>(
        &self,
        done: D,
        begin: impl FnOnce(&mut dyn World, Box<dyn FnOnce(std::thread::Result<T>) + Send>),
    ) where
        T: Send + 'static,
        D: FnOnce(&Handle, T) + 'static,
    {
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
        let number = self.core.jobs.borrow_mut().add(waiting);
        let remote = self.remote();
        let tell = move |result| {
            remote.report(number, move |reactor| {
                reactor.job_done::<T, D>(number, result)
            });
        };
        begin(&mut **self.core.world.borrow_mut(), Box::new(tell));
        self.core.changed();
    }

    /// Says that a job was done elsewhere. When it began nobody here knows.
    pub(crate) fn record_job(&self, number: usize) -> Object {
        if !trace::on() {
            return Object::NONE;
        }
        let object = self.core.jobs.borrow().object(number);
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
        let waiting = self.core.jobs.borrow_mut().take(number);
        let Some(Waiting { done, .. }) = waiting else {
            return;
        };
        match (result, done.downcast::<D>()) {
            (Ok(value), Ok(done)) => done(self, value),
            (Err(panic), done) => {
                let _done = Released::new(done);
                resume_unwind(panic)
            }
            (Ok(_), Err(_)) => unreachable!("the number of a job belongs to one job"),
        }
    }
}
