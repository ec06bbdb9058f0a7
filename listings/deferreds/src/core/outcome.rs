//! Outcomes: what a stage may return.
use crate::{Deferred, Failure};

/// What a stage returns: a `Result` that is there, or a [`Deferred`] to wait for.
///
/// ```
/// use deferreds::{Deferred, Failure};
///
/// let now = Deferred::succeed(2).add_callback(|n| Ok(n + 1));
/// let later = now.add_callback(|n| Deferred::succeed(n * 10));
/// assert_eq!(later.into_result().unwrap().unwrap(), 30);
/// ```
pub trait Outcome {
    /// What there is on the success rail.
    type Value: 'static;

    /// The same as one type.
    fn into_next(self) -> Next<Self::Value>;
}

/// An outcome of either kind: what a stage returns that sometimes knows at once and sometimes must
/// wait.
///
/// ```
/// use deferreds::{Deferred, Next};
///
/// let square = Deferred::succeed(7_u64).add_callback(|n| match n {
///     0 => Next::Now(Ok(0)),
///     n => Next::Later(Deferred::succeed(n * n)),
/// });
/// assert_eq!(square.into_result().unwrap().unwrap(), 49);
/// ```
#[derive(Debug)]
pub enum Next<T: 'static> {
    /// It is there.
    Now(Result<T, Failure>),
    /// It comes when this one does.
    Later(Deferred<T>),
}

impl<T: 'static> Outcome for Result<T, Failure> {
    type Value = T;
    #[inline]
    fn into_next(self) -> Next<T> {
        Next::Now(self)
    }
}

impl<T: 'static> Outcome for Deferred<T> {
    type Value = T;
    #[inline]
    fn into_next(self) -> Next<T> {
        Next::Later(self)
    }
}

impl<T: 'static> Outcome for Next<T> {
    type Value = T;
    #[inline]
    fn into_next(self) -> Next<T> {
        self
    }
}
