//! An error with its place, and the one way in which a program that fails says so.
use std::{error::Error, fmt, panic::Location};

/// An error of any type, and where it happened if that is known.
///
/// [`Handle::fail`](crate::Handle::fail) makes one, and so keeps the type of the error until `main`
/// has it. Its `{}` is that of the error; its `{:?}` says what caused it, too, and the place.
///
/// ```
/// use reactor::{Reactor, RunError, Sim};
/// use std::io;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let line = line!() + 1;
/// reactor.handle().call_soon(|h| h.fail(io::Error::other("no port")));
/// let Err(RunError::Failed(failed)) = reactor.run() else { panic!() };
/// assert!(failed.error().is::<io::Error>());
/// assert_eq!(failed.location().unwrap().line(), line);
/// ```
pub struct Located {
    error: Box<dyn Error + Send + Sync>,
    at: Option<&'static Location<'static>>,
}

impl Located {
    /// This error, which happened there. One that knows its place already keeps it.
    #[must_use]
    pub fn new(
        error: impl Into<Box<dyn Error + Send + Sync>>,
        at: Option<&'static Location<'static>>,
    ) -> Located {
        match error.into().downcast::<Located>() {
            Ok(located) => *located,
            Err(error) => Located { error, at },
        }
    }

    /// Returns the error.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.error
    }

    /// Returns where it happened, if that is known.
    #[must_use]
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.at
    }

    /// Returns the error itself.
    #[must_use]
    pub fn into_error(self) -> Box<dyn Error + Send + Sync> {
        self.error
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Debug for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", explain(&*self.error, self.at))
    }
}

impl Error for Located {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Returns what is said of an error at the end of a program: itself, what caused it, and where it
/// happened.
///
/// ```
/// use reactor::explain;
/// use std::{fmt, io};
/// let error = io::Error::other(fmt::Error);
/// assert_eq!(explain(&error, None).to_string(), fmt::Error.to_string());
/// ```
pub fn explain<'e>(
    error: &'e (dyn Error + 'static),
    at: Option<&'static Location<'static>>,
) -> impl fmt::Display + use<'e> {
    Explained(error, at)
}

struct Explained<'e>(
    &'e (dyn Error + 'static),
    Option<&'static Location<'static>>,
);

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Some errors say what caused them themselves.
            if !said.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            (said, cause) = (text, error.source());
        }
        match self.1 {
            Some(at) => write!(f, " (at {at})"),
            None => Ok(()),
        }
    }
}
