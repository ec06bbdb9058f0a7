//! Reports: what is said of an unhandled failure, and to whom.
use crate::{Abandoned, Failure, FailureGroup, FirstError};
use std::{
    error::Error,
    fmt,
    panic::{Location, catch_unwind},
};
use tracing::{dispatcher, subscriber::NoSubscriber};

/// A failure at the end of a chain.
pub(crate) struct Unhandled<'f> {
    pub(crate) failure: &'f Failure,
    pub(crate) made: &'static Location<'static>,
    pub(crate) fired: Option<&'static Location<'static>>,
    pub(crate) made_stack: Option<String>,
    pub(crate) fired_stack: Option<String>,
}

/// Tells it to the subscriber of `tracing`; without one, on standard error.
pub(crate) fn unhandled(what: &Unhandled<'_>) {
    if dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>()) {
        let text = what.to_string();
        // Standard error may be closed, and then `eprint` panics. (Not `stderr`, which tests do not
        // capture.)
        let _ = catch_unwind(|| eprint!("{text}"));
        return;
    }
    tracing::error!(
        failure = %what.failure,
        happened = %what.failure.location(),
        made = %what.made,
        fired = what.fired.map(tracing::field::display),
        happened_stack = what.failure.stack().map(tracing::field::display),
        made_stack = what.made_stack.as_ref().map(tracing::field::display),
        fired_stack = what.fired_stack.as_ref().map(tracing::field::display),
        "a Deferred was dropped with an unhandled failure"
    );
}

impl fmt::Display for Unhandled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Unhandled failure: {:?}", self.failure)?;
        write!(f, "  Its Deferred was made at {}", self.made)?;
        match self.fired {
            Some(fired) => writeln!(f, " and fired at {fired}.")?,
            None => writeln!(f, ".")?,
        }
        let stacks = [
            (
                "The failure happened",
                self.failure.stack().map(ToString::to_string),
            ),
            ("The Deferred was made", self.made_stack.clone()),
            ("It was fired", self.fired_stack.clone()),
        ];
        for (what, stack) in stacks {
            if let Some(stack) = stack {
                writeln!(f, "  {what} here:\n{stack}")?;
            }
        }
        Ok(())
    }
}

/// Returns whether it needs no report, itself or as what a list was told: see
/// [`Failure::abandoned`].
pub(crate) fn is_quiet(failure: &Failure) -> bool {
    let parts = |all: &[Failure]| !all.is_empty() && all.iter().all(is_quiet);
    failure.is_quiet()
        || failure.check().is_some_and(|first: &FirstError| is_quiet(&first.failure))
        || failure.check().is_some_and(|group: &FailureGroup| parts(&group.0))
        // An error of its own may be wrapped around it.
        || reactor::is_closing() && is_abandoned(failure.error())
}

fn is_abandoned(error: &(dyn Error + 'static)) -> bool {
    error.is::<Abandoned>() || error.source().is_some_and(is_abandoned)
}
