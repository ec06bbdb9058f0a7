//! Cooperative tasks: long work in small steps, a few of them in each turn.
use crate::Handle;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    error::Error,
    fmt,
    rc::Rc,
    time::Duration,
};

/// A slice of work ends after so many steps, or after so long, whatever comes first. In a simulation, where no time
/// passes while code runs, only the steps count.
const STEPS: usize = 100;
const SLICE: Duration = Duration::from_millis(10);

type Work = Box<dyn Iterator<Item = ()>>;
type Done = Box<dyn FnOnce(&Handle, Ended)>;

/// How a cooperative task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its iterator came to an end.
    Finished,
    /// Somebody stopped it, or a step panicked.
    Stopped,
}

/// Why a cooperative task did not do what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskError {
    /// `resume` without a `pause` before.
    NotPaused,
    /// It has ended, and this is how.
    Ended(Ended),
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TaskError::NotPaused => "the task is not paused",
            TaskError::Ended(Ended::Finished) => "the task has finished",
            TaskError::Ended(Ended::Stopped) => "the task was stopped",
        })
    }
}

impl Error for TaskError {}

/// Divides the turns of one reactor among its cooperative tasks: [`Handle::cooperate`] is the way to it.
///
/// In each turn it gives every task one step in turn, round and round, until the slice is over: 100 steps or 10 ms.
/// Sockets, timers and calls get their share in between.
#[derive(Default)]
pub struct Cooperator {
    /// Tasks that have not ended; the one at the front steps next.
    tasks: RefCell<VecDeque<Rc<Task>>>,
    /// Whether the next slice is in the queue.
    scheduled: Cell<bool>,
}

struct Task {
    /// Absent while a step runs, and after the end.
    work: Cell<Option<Work>>,
    pauses: Cell<usize>,
    ended: Cell<Option<Ended>>,
    done: RefCell<Vec<Done>>,
}

/// A task of a [`Cooperator`]. Clones are about the same task; dropping them stops nothing.
///
/// ```
/// use reactor::{Ended, Reactor, Sim};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let task = handle.cooperate((1..=1_000).map(|n| std::hint::black_box(n * n)));
/// task.when_done(|h, how| {
///     assert_eq!(how, Ended::Finished);
///     h.stop().unwrap();
/// });
/// reactor.run()?;
/// # Ok::<(), reactor::RunError>(())
/// ```
#[derive(Clone)]
pub struct CooperativeTask {
    task: Rc<Task>,
    reactor: Handle,
}

impl Handle {
    /// Does `work` bit by bit: each `next` of the iterator is a step, and what it gives is dropped. A step should take
    /// a moment only, for nothing else happens meanwhile.
    pub fn cooperate<I>(&self, work: I) -> CooperativeTask
    where
        I: IntoIterator,
        I::IntoIter: 'static,
        I::Item: 'static,
    {
        let task = Rc::new(Task {
            work: Cell::new(Some(Box::new(work.into_iter().map(drop)))),
            pauses: Cell::new(0),
            ended: Cell::new(None),
            done: RefCell::default(),
        });
        let cooperator = self.extension::<Cooperator>();
        if self.core.closed.get() {
            task.end(Ended::Stopped, self);
        } else {
            cooperator.tasks.borrow_mut().push_back(Rc::clone(&task));
            cooperator.schedule(self);
        }
        CooperativeTask {
            task,
            reactor: self.clone(),
        }
    }
}

impl Cooperator {
    fn schedule(self: &Rc<Self>, reactor: &Handle) {
        if self.next_task().is_some() && !self.scheduled.replace(true) {
            let cooperator = Rc::clone(self);
            reactor.call_soon(move |reactor| {
                cooperator.scheduled.set(false);
                cooperator.slice(reactor);
            });
        }
    }

    // ANCHOR: slice
    fn slice(self: &Rc<Self>, reactor: &Handle) {
        // Also when a step panics, the others go on in the next turn.
        let _next = Next {
            cooperator: self,
            reactor,
        };
        let end = reactor.now() + SLICE;
        for _ in 0..STEPS {
            let Some(task) = self.next_task() else { return };
            self.tasks.borrow_mut().rotate_left(1);
            task.step(reactor);
            if reactor.now() >= end {
                return;
            }
        }
    }
    // ANCHOR_END: slice

    /// Forgets the tasks that have ended, and brings the first that is not paused to the front.
    fn next_task(&self) -> Option<Rc<Task>> {
        let mut tasks = self.tasks.borrow_mut();
        // An ended task holds no work, so no code of anybody else runs here.
        tasks.retain(|task| task.ended.get().is_none());
        let at = tasks.iter().position(|task| task.pauses.get() == 0)?;
        tasks.rotate_left(at);
        tasks.front().cloned()
    }
}

/// Its drop puts the next slice into the queue.
struct Next<'c> {
    cooperator: &'c Rc<Cooperator>,
    reactor: &'c Handle,
}

impl Drop for Next<'_> {
    fn drop(&mut self) {
        self.cooperator.schedule(self.reactor);
    }
}

impl Drop for Cooperator {
    fn drop(&mut self) {
        for task in self.tasks.take() {
            task.ended.set(Some(Ended::Stopped));
            drop(task.work.take());
            drop(task.done.take());
        }
    }
}

impl Task {
    fn step(&self, reactor: &Handle) {
        let Some(mut work) = self.work.take() else {
            // Its last step panicked, and the work is gone.
            return self.end(Ended::Stopped, reactor);
        };
        let more = work.next().is_some();
        match self.ended.get() {
            Some(_) => {} // stopped by its own step
            None if more => self.work.set(Some(work)),
            None => {
                drop(work);
                self.end(Ended::Finished, reactor);
            }
        }
    }

    fn end(&self, how: Ended, reactor: &Handle) {
        self.ended.set(Some(how));
        drop(self.work.take());
        for done in self.done.take() {
            reactor.call_soon(move |reactor| done(reactor, how));
        }
    }
}

impl CooperativeTask {
    /// No more steps until [`resume`](CooperativeTask::resume), as many times as it was paused.
    ///
    /// # Errors
    /// [`TaskError::Ended`].
    pub fn pause(&self) -> Result<(), TaskError> {
        self.check()?;
        self.task.pauses.set(self.task.pauses.get() + 1);
        Ok(())
    }

    /// Takes one [`pause`](CooperativeTask::pause) back.
    ///
    /// # Errors
    /// [`TaskError`] when it is not paused, or has ended.
    pub fn resume(&self) -> Result<(), TaskError> {
        self.check()?;
        let pauses = self
            .task
            .pauses
            .get()
            .checked_sub(1)
            .ok_or(TaskError::NotPaused)?;
        self.task.pauses.set(pauses);
        self.reactor
            .extension::<Cooperator>()
            .schedule(&self.reactor);
        Ok(())
    }

    /// Ends it; its iterator is dropped: now, or after the step that is running.
    ///
    /// # Errors
    /// [`TaskError::Ended`].
    pub fn stop(&self) -> Result<(), TaskError> {
        self.check()?;
        self.task.end(Ended::Stopped, &self.reactor);
        Ok(())
    }

    /// Calls `done` when it has ended; soon, if it has already.
    pub fn when_done(&self, done: impl FnOnce(&Handle, Ended) + 'static) {
        match self.task.ended.get() {
            None => self.task.done.borrow_mut().push(Box::new(done)),
            Some(how) => self.reactor.call_soon(move |reactor| done(reactor, how)),
        }
    }

    fn check(&self) -> Result<(), TaskError> {
        self.task
            .ended
            .get()
            .map_or(Ok(()), |how| Err(TaskError::Ended(how)))
    }
}

impl fmt::Debug for CooperativeTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pauses, ended) = (self.task.pauses.get(), self.task.ended.get());
        f.debug_struct("CooperativeTask")
            .field("pauses", &pauses)
            .field("ended", &ended)
            .finish()
    }
}
