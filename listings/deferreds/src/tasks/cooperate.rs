//! Cooperative tasks whose steps may wait, and whose end is a Deferred.
use crate::{Canceller, Deferred, Failure, Next, Outcome, Resolver};
use reactor::{CooperativeTask, Ended, Handle, Located, Panics, TaskError};
use std::{
    cell::{Cell, OnceCell, RefCell},
    error::Error,
    fmt,
    rc::Rc,
};

/// Does `work` bit by bit: each item of the iterator is the outcome of a step. The Deferred fires
/// when it has ended.
///
/// Steps of all tasks take turns; see [`Handle::cooperate`], which is the same without results. A
/// step that returns a Deferred is waited for, while the other tasks go on. A failure of a step
/// ends the task, and the Deferred fires with it; when the task is stopped, it fires
/// [`TaskError::Ended`]. Cancelling the Deferred stops the task, cancels what its step waits for,
/// and fires [`Cancelled`](crate::Cancelled). Dropping the reactor leaves
/// [`Abandoned`](crate::Abandoned). Dropping the two stops nothing.
///
/// ```
/// use deferreds::{cooperate, defer_later};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let h = reactor.handle();
/// // Three steps, each of which waits for a second.
/// let later = h.clone();
/// let work = (0..3).map(move |_| defer_later(&later, Duration::from_secs(1), |_| Ok(())));
/// let (_task, end) = cooperate(&h, work);
/// assert!(reactor.run().unwrap_err().is_stalled());
/// assert_eq!(h.now().as_millis(), 3_000);
/// assert!(end.into_result().unwrap().is_ok());
/// ```
///
/// Source:
/// [`cooperate`](https://docs.twisted.org/en/stable/api/twisted.internet.task.html#cooperate).
#[track_caller]
pub fn cooperate<I>(reactor: &Handle, work: I) -> (CooperativeTask, Deferred<()>)
where
    I: IntoIterator,
    I::IntoIter: 'static,
    I::Item: Outcome,
{
    let end = Rc::new(Completion::default());
    // Weak, or they would keep each other alive.
    let cancel = Rc::downgrade(&end);
    let (resolver, deferred) = Deferred::with_canceller(move |instead| {
        if let Some(cancel) = cancel.upgrade() {
            cancel.cancel();
        }
        drop(instead);
    });
    end.resolver.set(Some(resolver));
    let task = reactor.cooperate(Steps {
        steps: work.into_iter(),
        end: end.clone(),
    });
    // The cell is new, so nothing is in it. The first step comes in a later turn.
    let _ = end.task.set(task.clone());
    task.when_done(move |_, how| end.fire_end(how));
    (task, deferred)
}

/// [`cooperate`] where the end is all that you want.
///
/// ```
/// use deferreds::{Failure, coiterate};
/// use reactor::{Reactor, Sim};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let end = coiterate(&reactor.handle(), (1..=1_000).map(|n| Ok(std::hint::black_box(n * n))));
/// assert!(reactor.run().unwrap_err().is_stalled());
/// assert!(end.into_result().unwrap().is_ok());
/// ```
///
/// Source:
/// [`coiterate`](https://docs.twisted.org/en/stable/api/twisted.internet.task.html#coiterate).
#[track_caller]
pub fn coiterate<I>(reactor: &Handle, work: I) -> Deferred<()>
where
    I: IntoIterator,
    I::IntoIter: 'static,
    I::Item: Outcome,
{
    cooperate(reactor, work).1
}

/// Fires when the task has ended; soon, if it has already. Each call returns one of its own;
/// cancelling it stops nothing but the waiting.
///
/// It fires [`TaskError::Ended`] when the task was stopped, and [`StepFailed`] when a step failed:
/// what it failed with, as a text, because the error itself has one owner, the Deferred of
/// [`cooperate`].
///
/// ```
/// use deferreds::when_done;
/// use reactor::{Reactor, Sim, TaskError};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let task = reactor.handle().cooperate(std::iter::repeat(()));
/// let end = when_done(&task);
/// task.stop()?;
/// assert!(reactor.run().unwrap_err().is_stalled());
/// assert!(end.into_result().unwrap().unwrap_err().check::<TaskError>().is_some());
/// # Ok::<(), TaskError>(())
/// ```
#[track_caller]
pub fn when_done(task: &CooperativeTask) -> Deferred<()> {
    let (resolver, deferred) = Deferred::new();
    let ended = task.clone();
    task.when_done(move |_, how| resolver.fire(result(&ended, how)));
    deferred
}

fn result(task: &CooperativeTask, how: Ended) -> Result<(), Failure> {
    match (how, task.failure()) {
        (Ended::Finished, _) => Ok(()),
        (_, None) => Err(TaskError::Ended(how).into()),
        (_, Some(failure)) => {
            let error = StepFailed(failure.to_string());
            Err(Failure::new(Located::new(error, failure.location())))
        }
    }
}

/// Why a task of [`cooperate`] ended, for all but the one who has the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailed(pub String);

impl fmt::Display for StepFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a step failed: {}", self.0)
    }
}

impl Error for StepFailed {}

/// What a task knows of its end.
#[derive(Default)]
struct Completion {
    /// A circle, which the end of the task breaks, or that of the reactor.
    task: OnceCell<CooperativeTask>,
    resolver: Cell<Option<Resolver<()>>>,
    /// Of what its step waits for.
    canceller: RefCell<Option<Canceller>>,
}

impl Completion {
    fn fire(&self, result: Result<(), Failure>) {
        if let Some(resolver) = self.resolver.take() {
            resolver.fire(result);
        }
    }

    fn fire_end(&self, how: Ended) {
        if let Some(task) = self.task.get() {
            self.fire(result(task, how));
        }
    }

    fn cancel(&self) {
        let step = self.canceller.take();
        let mut panics = Panics::default();
        if let Some(task) = self.task.get() {
            // When it has ended already, that is to be told soon, and this comes first.
            let _ = panics.catch(|| task.stop());
        }
        if let Some(step) = step {
            panics.catch(|| step.cancel());
        }
        panics.go_on();
    }

    /// A step has failed. Without a Deferred that waits, that is reported as unhandled.
    fn fail(&self, failure: Failure) {
        let mut panics = Panics::default();
        if let Some(task) = self.task.get() {
            // The others hear what it was; the error itself is for the owner of the Deferred.
            let text = Located::new(failure.to_string(), Some(failure.location()));
            let _ = panics.catch(|| task.fail(text));
        }
        panics.catch(|| match self.resolver.take() {
            Some(resolver) => resolver.errback(failure),
            None => drop(Deferred::<()>::fail(failure)),
        });
        panics.go_on();
    }
}

struct Steps<I> {
    steps: I,
    end: Rc<Completion>,
}

impl<I: Iterator<Item: Outcome>> Iterator for Steps<I> {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        match self.steps.next()?.into_next() {
            Next::Now(Ok(_)) => {}
            Next::Now(Err(failure)) => self.end.fail(failure),
            Next::Later(step) => {
                let end = self.end.clone();
                *end.canceller.borrow_mut() = Some(step.canceller());
                if let Some(task) = end.task.get() {
                    // It may have been stopped by this very step; then it makes no other.
                    let _ = task.pause();
                }
                step.on_result(move |result| {
                    drop(end.canceller.take());
                    match (result, end.task.get()) {
                        (Ok(_), Some(task)) => drop(task.resume()),
                        (Ok(_), None) => {}
                        (Err(failure), _) => end.fail(failure),
                    }
                });
            }
        }
        Some(())
    }
}
