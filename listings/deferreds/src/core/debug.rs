//! Debug mode: remembers the stacks with which Deferreds are made and fired, and failures happen.
use std::{
    backtrace::Backtrace,
    cell::{Cell, RefCell},
    panic::Location,
};

thread_local! {
    /// Not known before the first look.
    static ON: Cell<Option<bool>> = const { Cell::new(None) };
}

/// Turns debug mode on or off for Deferreds and failures that this thread makes from now on.
///
/// Without a call, the environment decides: it is on when `UNTWISTED_DEBUG` is set to anything but
/// `0`.
///
/// Where a Deferred was made and fired, as a file and a line, is always known: the report of an
/// unhandled failure handled says it, and so does the Deferred's `{:?}`. Debug mode adds the
/// stacks, that is, who called those lines. In Twisted it is there to find who fires a Deferred
/// twice. Here that does not compile, and it is for these questions:
///
/// - Which of its many callers asked for the Deferred whose failure is unhandled?
///   (`made_stack`, `fired_stack` and `happened_stack` in the report.)
/// - Who dropped the resolver of a Deferred that failed with [`Abandoned`](crate::Abandoned)? A
///   drop has a stack, and no line of its own.
/// - Who still fires after the cancel? Each result that is dropped for that is an event of level
///   `DEBUG`.
///
/// A stack costs microseconds and kilobytes.
///
/// ```
/// use deferreds::{Failure, debug, set_debug};
/// set_debug(true);
/// assert!(debug());
/// assert!(Failure::new("lost").stack().is_some());
/// # set_debug(false);
/// # assert!(Failure::new("lost").stack().is_none());
/// ```
pub fn set_debug(on: bool) {
    ON.set(Some(on));
}

/// Returns whether debug mode is on in this thread. See [`set_debug`].
#[must_use]
#[inline]
pub fn debug() -> bool {
    ON.get().unwrap_or_else(look)
}

#[cold]
fn look() -> bool {
    let on = std::env::var_os("UNTWISTED_DEBUG").is_some_and(|value| value != "0");
    ON.set(Some(on));
    on
}

/// A result came for a Deferred that was cancelled, and is dropped.
#[cold]
pub(crate) fn too_late(made: &Location<'_>, at: &Location<'_>) {
    if debug() {
        tracing::debug!(
            made = %made,
            fired = %at,
            stack = %capture(),
            "a Deferred was fired after it was cancelled; the result was dropped"
        );
    }
}

/// Returns the stack of the caller, in debug mode.
#[inline]
pub(crate) fn stack() -> Option<Box<Backtrace>> {
    debug().then(capture)
}

#[cold]
fn capture() -> Box<Backtrace> {
    Box::new(Backtrace::force_capture())
}

/// The stacks with which one Deferred was made and fired. Outside of debug mode it is empty, and
/// small.
pub(crate) struct Stacks(Option<Box<Both>>);

struct Both {
    made: Box<Backtrace>,
    fired: RefCell<Option<Box<Backtrace>>>,
}

impl Stacks {
    pub(crate) fn none() -> Stacks {
        Stacks(None)
    }

    pub(crate) fn made() -> Stacks {
        Stacks(stack().map(|made| {
            Box::new(Both {
                made,
                fired: RefCell::new(None),
            })
        }))
    }

    pub(crate) fn fired(&self) {
        if let Some(both) = &self.0 {
            *both.fired.borrow_mut() = Some(capture());
        }
    }

    /// Returns both as text.
    pub(crate) fn shown(&self) -> (Option<String>, Option<String>) {
        let Some(both) = &self.0 else {
            return (None, None);
        };
        let fired = both.fired.borrow();
        (
            Some(both.made.to_string()),
            fired.as_ref().map(ToString::to_string),
        )
    }
}
