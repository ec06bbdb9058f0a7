//! Cooperative tasks: long work in small steps, a few of them in each turn.
use crate::{
    Handle, Located,
    panics::{Panics, released},
};
use scopeguard::{ScopeGuard, defer, defer_on_unwind};
use std::{
    cell::{Cell, OnceCell, RefCell},
    cmp::Ordering,
    collections::BTreeMap,
    fmt,
    rc::Rc,
    time::Duration,
};

mod ended;
pub use ended::{Ended, TaskError};

/// A slice of work ends after so many steps, or after so long, whatever comes first. In a
/// simulation, where no time passes while code runs, only the steps count.
const STEPS: usize = 100;
const SLICE: Duration = Duration::from_millis(10);

type Work = Box<dyn Iterator<Item = ()>>;
type Done = Box<dyn FnOnce(&Handle, Ended)>;

/// Divides the turns of one reactor among its cooperative tasks: [`Handle::cooperate`] is the way
/// to it.
///
/// In each turn it lets every task make one step in turn, round and round, until the slice is over:
/// 100 steps or 10 ms. Sockets, timers and calls get their share in between. A task that a step
/// adds gets in line behind those that wait, and before the one whose step it was, as in Twisted. A
/// step costs about the same however many tasks there are.
#[derive(Default)]
pub struct Cooperator {
    /// Tasks that are to step, in that order: each by the number of its place in the line.
    ready: RefCell<BTreeMap<Sequence, Rc<Task>>>,
    /// Tasks that are paused.
    paused: RefCell<BTreeMap<Sequence, Rc<Task>>>,
    /// How many places were ever taken. The next is one more.
    newest: Cell<Sequence>,
    /// Whether the next slice is in the queue.
    scheduled: Cell<bool>,
}

/// A place in the line. Compared once for each step of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sequence(u64);

impl Sequence {
    fn next(self) -> Sequence {
        Sequence(self.0 + 1)
    }
}

impl Ord for Sequence {
    #[inline]
    fn cmp(&self, other: &Sequence) -> Ordering {
        #[cfg(test)]
        tests::looked();
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Sequence {
    #[inline]
    fn partial_cmp(&self, other: &Sequence) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Task {
    /// Absent while a step runs, and after the end.
    work: Cell<Option<Work>>,
    /// Where it is in the line, or among those that are paused.
    sequence: Cell<Sequence>,
    pauses: Cell<usize>,
    ended: Cell<Option<Ended>>,
    /// What it failed with.
    failure: OnceCell<Rc<Located>>,
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
    /// Does `work` bit by bit: each `next` of the iterator is a step, and the item is dropped. A
    /// step should take a moment only, for nothing else happens meanwhile.
    pub fn cooperate<I>(&self, work: I) -> CooperativeTask
    where
        I: IntoIterator,
        I::IntoIter: 'static,
        I::Item: 'static,
    {
        let task = Rc::new(Task {
            // The items are dropped one by one, so that tasks of all kinds have one type.
            work: Cell::new(Some(Box::new(work.into_iter().map(drop)))),
            sequence: Cell::default(),
            pauses: Cell::new(0),
            ended: Cell::new(None),
            failure: OnceCell::new(),
            done: RefCell::default(),
        });
        // Made when it is first asked for: a program without such tasks pays nothing.
        let cooperator = self.extension::<Cooperator>();
        // A reactor that is gone makes no step, and `when_done` must hear of it all the same.
        if self.core.closed.get() {
            task.end(Ended::Stopped, self);
        } else {
            cooperator.enqueue(&task);
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
        if !self.ready.borrow().is_empty() && !self.scheduled.replace(true) {
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
        defer! { self.schedule(reactor); }
        // Steps and time, both: a simulated clock stands still while steps run.
        let end = reactor.now() + SLICE;
        for _ in 0..STEPS {
            let next = self.ready.borrow_mut().pop_first();
            let Some((_, task)) = next else { return };
            self.step(&task, reactor);
            if reactor.now() >= end {
                return;
            }
        }
    }
    // ANCHOR_END: slice

    /// A task that is out of the line makes a step, and gets in again behind those that came
    /// meanwhile.
    fn step(&self, task: &Rc<Task>, reactor: &Handle) {
        // Taken out: the step may stop its own task, which drops the work that is there.
        let Some(work) = task.work.take() else { return };
        let mut work = released(work);
        let more = {
            // A step that panics ends its task, unless it has stopped it before.
            defer_on_unwind! {
                if task.ended().is_none() {
                    task.end(Ended::Stopped, reactor);
                }
            }
            work.next().is_some()
        };
        let work = Some(ScopeGuard::into_inner(work));
        match task.ended() {
            // Stopped by its own step: the work is dropped here.
            Some(_) => {}
            // At the end of the queue, so that every other task makes a step before.
            None if more => {
                task.work.set(work);
                self.enqueue(task);
            }
            None => {
                task.work.set(work);
                task.end(Ended::Finished, reactor);
            }
        }
    }

    /// Puts a task at the end of the line, or among those that are paused.
    fn enqueue(&self, task: &Rc<Task>) {
        let sequence = self.newest.get().next();
        self.newest.set(sequence);
        task.sequence.set(sequence);
        let to = match task.pauses() {
            0 => &self.ready,
            _ => &self.paused,
        };
        to.borrow_mut().insert(sequence, Rc::clone(task));
    }

    /// Takes a task out from where it is, if it is anywhere: while its step runs it is not.
    fn dequeue(&self, task: &Task) -> bool {
        let from = match task.pauses() {
            0 => &self.ready,
            _ => &self.paused,
        };
        let taken = from.borrow_mut().remove(&task.sequence.get());
        taken.is_some()
    }
}

impl Drop for Cooperator {
    fn drop(&mut self) {
        let mut panics = Panics::default();
        for tasks in [self.ready.take(), self.paused.take()] {
            for task in tasks.into_values() {
                task.ended.set(Some(Ended::Stopped));
                panics.drop_each(task.work.take());
                panics.drop_each(task.done.take());
            }
        }
        panics.go_on();
    }
}

impl Task {
    fn end(&self, how: Ended, reactor: &Handle) {
        self.ended.set(Some(how));
        let mut panics = Panics::default();
        panics.drop_each(self.work.take());
        for done in self.done.take() {
            reactor.call_when_done(move |reactor| done(reactor, how));
        }
        panics.go_on();
    }

    #[inline]
    fn pauses(&self) -> usize {
        #[cfg(test)]
        tests::looked();
        self.pauses.get()
    }

    #[inline]
    fn ended(&self) -> Option<Ended> {
        #[cfg(test)]
        tests::looked();
        self.ended.get()
    }
}

impl CooperativeTask {
    /// No more steps until [`resume`](CooperativeTask::resume), as many times as it was paused.
    ///
    /// # Errors
    /// [`TaskError::Ended`].
    pub fn pause(&self) -> Result<(), TaskError> {
        self.check()?;
        self.set_pauses(self.task.pauses() + 1);
        Ok(())
    }

    /// Takes one [`pause`](CooperativeTask::pause) back. After the last one it steps again, behind
    /// the others.
    ///
    /// # Errors
    /// [`TaskError`] when it is not paused, or has ended.
    pub fn resume(&self) -> Result<(), TaskError> {
        self.check()?;
        let pauses = self
            .task
            .pauses()
            .checked_sub(1)
            .ok_or(TaskError::NotPaused)?;
        self.set_pauses(pauses);
        Ok(())
    }

    /// Between paused and not, it changes its place; one whose step runs gets it after that.
    fn set_pauses(&self, pauses: usize) {
        let cooperator = self.reactor.extension::<Cooperator>();
        let before = self.task.pauses();
        // With the old count: it says in which of the two queues the task is.
        let moves = (before == 0) != (pauses == 0) && cooperator.dequeue(&self.task);
        self.task.pauses.set(pauses);
        if moves {
            cooperator.enqueue(&self.task);
            cooperator.schedule(&self.reactor);
        }
    }

    /// Ends it; its iterator is dropped: now, or after the step that is running.
    ///
    /// # Errors
    /// [`TaskError::Ended`].
    pub fn stop(&self) -> Result<(), TaskError> {
        self.end(Ended::Stopped)
    }

    fn end(&self, how: Ended) -> Result<(), TaskError> {
        self.check()?;
        self.reactor.extension::<Cooperator>().dequeue(&self.task);
        self.task.end(how, &self.reactor);
        Ok(())
    }

    /// Calls `done` when it has ended; soon, if it has already. It is called in the turn in which
    /// the task ends, after that turn's callbacks; so also when a shutdown trigger ends it, and no
    /// turn comes after it.
    pub fn when_done(&self, done: impl FnOnce(&Handle, Ended) + 'static) {
        match self.task.ended() {
            None => self.task.done.borrow_mut().push(Box::new(done)),
            Some(how) => self
                .reactor
                .call_when_done(move |reactor| done(reactor, how)),
        }
    }

    fn check(&self) -> Result<(), TaskError> {
        self.task
            .ended()
            .map_or(Ok(()), |how| Err(TaskError::Ended(how)))
    }
}

impl fmt::Debug for CooperativeTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pauses, ended) = (self.task.pauses(), self.task.ended());
        f.debug_struct("CooperativeTask")
            .field("pauses", &pauses)
            .field("ended", &ended)
            .finish()
    }
}

#[cfg(test)]
mod tests;
