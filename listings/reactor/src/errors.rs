//! What misuse returns: one type for each question that a caller can ask.
use crate::{Located, explain};
use std::{error::Error, fmt, io};

/// Why a [`DelayedCall`](crate::DelayedCall) cannot be changed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inactive {
    /// It ran, or it is running now.
    Called,
    /// It was cancelled.
    Cancelled,
    /// The reactor was dropped, and the call with it.
    Dropped,
}

impl fmt::Display for Inactive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Inactive::Called => "the delayed call has already been called",
            Inactive::Cancelled => "the delayed call has already been cancelled",
            Inactive::Dropped => "the delayed call was dropped with its reactor",
        })
    }
}

impl Error for Inactive {}

/// Why [`Handle::stop`](crate::Handle::stop) did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopError {
    /// The reactor has not begun its first turn.
    NotRunning,
    /// It is stopping already.
    Stopping,
    /// It has stopped.
    Stopped,
}

impl fmt::Display for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopError::NotRunning => "the reactor is not running yet; `when_running` can stop it",
            StopError::Stopping => "the reactor is already stopping",
            StopError::Stopped => "the reactor has stopped",
        })
    }
}

impl Error for StopError {}

/// Why [`Reactor::run`](crate::Reactor::run) did not end with `stop` alone.
pub enum RunError {
    /// The reactor had stopped before. A stopped reactor does not run again; make a new one.
    NotRestartable,
    /// The world failed; in a simulation also because it [stalled](Stalled).
    World(io::Error),
    /// [`Handle::fail`](crate::Handle::fail) was called, there, with this.
    Failed(Located),
}

impl RunError {
    /// Whether the simulated world could see that nothing would ever happen again.
    pub fn is_stalled(&self) -> bool {
        match self {
            RunError::World(error) => is_stalled(error),
            _ => false,
        }
    }
}

impl fmt::Debug for RunError {
    /// Returns what it says, what caused it, and where: a `main` that returns the error prints it
    /// this way.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::NotRestartable => fmt::Display::fmt(self, f),
            RunError::World(error) => write!(f, "{}", explain(error, None)),
            RunError::Failed(error) => fmt::Debug::fmt(error, f),
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::NotRestartable => {
                f.write_str("a stopped reactor cannot run again; make a new one")
            }
            RunError::World(error) => error.fmt(f),
            RunError::Failed(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            RunError::NotRestartable => None,
            RunError::World(error) => error.source(),
            RunError::Failed(error) => error.source(),
        }
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> RunError {
        RunError::World(error)
    }
}

impl From<RunError> for io::Error {
    /// So that `reactor.run()?` suits a `main` that returns `io::Result`. The error inside keeps
    /// its type.
    fn from(error: RunError) -> io::Error {
        match error {
            RunError::World(error) => error,
            RunError::NotRestartable => io::Error::other(error),
            RunError::Failed(failed) => match failed.error().is::<io::Error>() {
                true => downcast(failed.into_error()),
                false => io::Error::other(failed),
            },
        }
    }
}

fn downcast(error: Box<dyn Error + Send + Sync>) -> io::Error {
    error
        .downcast()
        .map_or_else(io::Error::other, |error| *error)
}

/// In a simulation: no timer is set, nothing is on its way, and no other thread can call. A real
/// program would hang here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Stalled;

impl fmt::Debug for Stalled {
    /// Returns its sentence: a `main` that returns the error prints it this way, and the name alone
    /// explains nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "stalled: no timer is set and nothing is on its way, so nothing can ever happen again \
             (a real program would hang here)",
        )
    }
}

impl Error for Stalled {}

/// Returns whether an error of [`Reactor::turn`](crate::Reactor::turn) means [`Stalled`].
pub fn is_stalled(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Stalled>())
}

/// Why [`Remote::ask`](crate::Remote::ask) has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskError {
    /// The reactor stopped, or was dropped, before it ran the call.
    Gone,
    /// What was asked panicked. The panic goes on in the reactor's thread.
    Panicked,
    /// Asked from the reactor's own thread, which would wait for itself for ever.
    OwnThread,
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AskError::Gone => "the reactor stopped before it answered",
            AskError::Panicked => "what was asked panicked before it answered",
            AskError::OwnThread => {
                "asked from the reactor's own thread, which would wait for itself"
            }
        })
    }
}

impl Error for AskError {}

/// EMFILE and ENFILE: too many open files, of this process or of all
/// ([errno(3)](https://man7.org/linux/man-pages/man3/errno.3.html)), on Linux and macOS.
pub(crate) const OUT_OF_DESCRIPTORS: i32 = 24;
#[cfg(not(target_family = "wasm"))]
const SYSTEM_OUT_OF_DESCRIPTORS: i32 = 23;

/// Returns whether it says that no descriptor is left.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn is_out_of_descriptors(error: &std::io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(OUT_OF_DESCRIPTORS | SYSTEM_OUT_OF_DESCRIPTORS)
    )
}
