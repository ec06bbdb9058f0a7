//! How a cooperative task ends, and why it does not do what it is told.
use super::CooperativeTask;
use crate::Located;
use std::{error::Error, fmt, panic::Location, rc::Rc};

/// How a cooperative task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its iterator came to an end.
    Finished,
    /// It was stopped, or a step panicked.
    Stopped,
    /// [`CooperativeTask::fail`] was called.
    Failed,
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
            TaskError::Ended(Ended::Failed) => "the task has failed",
        })
    }
}

impl Error for TaskError {}

impl CooperativeTask {
    /// As [`stop`](CooperativeTask::stop), because a step found that it cannot go on: callbacks
    /// that wait for the end hear [`Ended::Failed`], and [`failure`](CooperativeTask::failure) says
    /// why.
    ///
    /// ```
    /// use reactor::{Ended, Reactor, Sim};
    ///
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// let task = reactor.handle().cooperate(std::iter::repeat(()));
    /// task.fail("no more paper")?;
    /// task.when_done(|_, how| assert_eq!(how, Ended::Failed));
    /// assert!(reactor.run().unwrap_err().is_stalled());
    /// assert_eq!(task.failure().unwrap().to_string(), "no more paper");
    /// # Ok::<(), reactor::TaskError>(())
    /// ```
    ///
    /// # Errors
    /// [`TaskError::Ended`], and then the error is dropped.
    #[track_caller]
    pub fn fail(&self, error: impl Into<Box<dyn Error + Send + Sync>>) -> Result<(), TaskError> {
        self.check()?;
        let failure = Located::new(error, Some(Location::caller()));
        // It has not ended, so nothing is there.
        let _ = self.task.failure.set(Rc::new(failure));
        self.end(Ended::Failed)
    }

    /// Returns what it failed with, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<Rc<Located>> {
        self.task.failure.get().cloned()
    }
}
