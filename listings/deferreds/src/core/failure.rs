//! Failures: an error of any type, and where it happened.
use crate::{Abandoned, core::debug};
use reactor::{Located, RunError, explain};
use std::{backtrace::Backtrace, error::Error, fmt, panic::Location, thread};

/// What went wrong, and where. The error rail of a [`Deferred`](crate::Deferred) carries it.
///
/// Any error becomes one with `?` or [`From`], and the place of that `?` is remembered.
/// [`check`](Failure::check) and [`trap`](Failure::trap) look inside. A `Failure` is itself no
/// [`Error`]: else `From` could not take every error.
///
/// ```
/// use deferreds::Failure;
/// use std::num::ParseIntError;
///
/// fn pages(text: &str) -> Result<u32, Failure> {
///     Ok(text.parse::<u32>()?)
/// }
///
/// let failure = pages("twelve").unwrap_err();
/// assert!(failure.check::<ParseIntError>().is_some());
/// assert_eq!(failure.to_string(), "invalid digit found in string");
/// assert_eq!(failure.location().file(), file!()); // the line is that of the `?`
/// ```
///
/// Source:
/// [`twisted.python.failure.Failure`](https://docs.twisted.org/en/stable/api/twisted.python.failure.Failure.html).
pub struct Failure(Box<Inner>);

/// Boxed as a whole, so that a `Result` with a small value stays small.
struct Inner {
    error: Box<dyn Error + Send + Sync>,
    location: &'static Location<'static>,
    /// In debug mode only.
    stack: Option<Box<Backtrace>>,
    /// It has been said already, or needs no saying: see [`Failure::abandoned`].
    quiet: bool,
}

impl Failure {
    /// Returns a failure that happened here.
    ///
    /// ```
    /// use deferreds::Failure;
    /// let failure = Failure::new("the server sent no poem");
    /// assert_eq!(failure.to_string(), "the server sent no poem");
    /// assert_eq!(failure.location().file(), file!());
    /// ```
    #[track_caller]
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        Failure::at(Location::caller(), error)
    }

    /// Returns a failure that happened at a place that is known already.
    pub(crate) fn at(
        location: &'static Location<'static>,
        error: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Failure {
        // What comes back from a program's end is what went there.
        let error = error.into().downcast::<RunError>().map_or_else(
            |other| other,
            |ended| match *ended {
                RunError::Failed(failed) => failed.into(),
                ended => ended.into(),
            },
        );
        let located = Located::new(error, Some(location));
        // Where it happened counts, not where it was passed on.
        let location = located.location().unwrap_or(location);
        Failure(Box::new(Inner {
            error: located.into_error(),
            location,
            stack: debug::stack(),
            quiet: false,
        }))
    }

    /// A resolver was dropped unfired. Nothing is to be reported when a panic did that, which was
    /// printed; nor when the end of a reactor did, with all its timers, loops and tasks: nothing
    /// waits for those any more.
    pub(crate) fn abandoned(location: &'static Location<'static>) -> Failure {
        let mut failure = Failure::at(location, Abandoned);
        failure.0.quiet = reactor::is_closing() || thread::panicking();
        failure
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.0.quiet
    }

    /// Returns the error inside, if it is an `E`.
    ///
    /// ```
    /// use deferreds::Failure;
    /// use std::{fmt, io};
    /// let failure = Failure::from(io::Error::from(io::ErrorKind::ConnectionRefused));
    /// let kind = failure.check::<io::Error>().map(io::Error::kind);
    /// assert_eq!(kind, Some(io::ErrorKind::ConnectionRefused));
    /// assert!(failure.check::<fmt::Error>().is_none());
    /// ```
    #[must_use]
    pub fn check<E: Error + 'static>(&self) -> Option<&E> {
        self.0.error.downcast_ref()
    }

    /// Returns the error inside, if it is an `E`; with `?`, every other failure goes on to the next
    /// errback.
    ///
    /// ```
    /// use deferreds::{Deferred, Failure};
    /// use std::{fmt, io};
    ///
    /// let length = Deferred::<usize>::fail(io::Error::other("gone")).add_errback(|failure| {
    ///     let _error: io::Error = failure.trap()?;
    ///     Ok(0)
    /// });
    /// assert_eq!(length.into_result().unwrap().unwrap(), 0);
    /// ```
    ///
    /// # Errors
    /// The same failure, unchanged, when the error inside is not an `E`.
    pub fn trap<E: Error + 'static>(self) -> Result<E, Failure> {
        let mut inner = self.0;
        match inner.error.downcast::<E>() {
            Ok(error) => Ok(*error),
            Err(error) => {
                inner.error = error;
                Err(Failure(inner))
            }
        }
    }

    /// Returns the error inside.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0.error
    }

    /// Returns where it became a failure: the `?`, the `into`, or the call that made it.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// Returns the stack of the call there, when it happened in debug mode: see
    /// [`set_debug`](crate::set_debug).
    #[must_use]
    pub fn stack(&self) -> Option<&Backtrace> {
        self.0.stack.as_deref()
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Failure {
        Failure::at(Location::caller(), error)
    }
}

impl From<Failure> for Box<dyn Error + Send + Sync> {
    /// As a [`Located`], for [`Handle::fail`](reactor::Handle::fail) and for a `main` that returns
    /// such a box: the type of the error and its place are kept.
    ///
    /// ```
    /// use deferreds::Failure;
    /// use std::error::Error;
    /// let failure = Failure::new("the server sent no poem");
    /// let place = failure.location();
    /// let error = Box::<dyn Error + Send + Sync>::from(failure);
    /// assert_eq!(format!("{error:?}"), format!("the server sent no poem (at {place})"));
    /// assert_eq!(Failure::new(error).location(), place); // and back
    /// ```
    fn from(failure: Failure) -> Box<dyn Error + Send + Sync> {
        let Inner {
            error, location, ..
        } = *failure.0;
        Box::new(Located::new(error, Some(location)))
    }
}

impl From<Failure> for Box<dyn Error> {
    fn from(failure: Failure) -> Box<dyn Error> {
        Box::<dyn Error + Send + Sync>::from(failure)
    }
}

impl fmt::Display for Failure {
    /// What the error inside says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl fmt::Debug for Failure {
    /// What the error inside says, what caused it, and where it happened.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", explain(self.error(), Some(self.0.location)))
    }
}
