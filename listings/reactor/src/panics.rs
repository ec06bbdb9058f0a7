//! Panics in code that is not ours: a second one must not end the process, nor keep the others from
//! their turn.
use scopeguard::ScopeGuard;
use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

/// Calls `f`. While this thread unwinds already, a panic of `f` ends here: `None`.
///
/// A destructor that panics while another panic unwinds aborts the process. So whatever calls code
/// of others from a destructor calls it with this. The message of the second panic is printed as
/// always. When the thread does not unwind, a panic of `f` goes through.
///
/// ```
/// use std::{panic::catch_unwind, sync::atomic::{AtomicBool, Ordering}};
///
/// static CALLED: AtomicBool = AtomicBool::new(false);
///
/// struct CallsOthers;
/// impl Drop for CallsOthers {
///     fn drop(&mut self) {
///         reactor::contain(|| {
///             CALLED.store(true, Ordering::Relaxed);
///             panic!("the second")
///         });
///     }
/// }
///
/// let first = catch_unwind(|| {
///     let _calls = CallsOthers;
///     panic!("the first");
/// });
/// assert_eq!(first.unwrap_err().downcast_ref(), Some(&"the first"));
/// assert!(CALLED.load(Ordering::Relaxed));
/// ```
#[inline]
pub fn contain<R>(f: impl FnOnce() -> R) -> Option<R> {
    if thread::panicking() {
        contained(f)
    } else {
        Some(f())
    }
}

#[cold]
fn contained<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f)).map_err(discard).ok()
}

/// Drops a value of other code: its destructor may panic, and our caller may be a destructor that
/// unwinds already.
#[inline]
pub(crate) fn release<T>(thing: T) {
    contain(|| drop(thing));
}

/// Holds a value of other code, and drops it as [`release`] does.
#[inline]
pub(crate) fn released<T>(thing: T) -> ScopeGuard<T, impl FnOnce(T)> {
    scopeguard::guard(thing, release)
}

/// Several calls, each of which is made although one before it panicked. The first panic goes on at
/// the end.
///
/// ```
/// use reactor::Panics;
/// use std::panic::{AssertUnwindSafe, catch_unwind};
///
/// let mut called = 0;
/// let panic = catch_unwind(AssertUnwindSafe(|| {
///     let mut panics = Panics::default();
///     for name in ["first", "second"] {
///         panics.catch(|| {
///             called += 1;
///             std::panic::panic_any(name);
///         });
///     }
///     panics.go_on();
/// }));
/// assert_eq!((called, panic.unwrap_err().downcast_ref()), (2, Some(&"first")));
/// ```
#[derive(Debug, Default)]
#[must_use = "`go_on` lets the first panic go on"]
pub struct Panics {
    first: Option<Box<dyn Any + Send>>,
}

impl Panics {
    /// Calls `f`, and keeps its panic if it is the first: then `None`.
    pub fn catch<R>(&mut self, f: impl FnOnce() -> R) -> Option<R> {
        match catch_unwind(AssertUnwindSafe(f)) {
            Ok(value) => Some(value),
            Err(panic) if self.first.is_none() => {
                self.first = Some(panic);
                None
            }
            Err(panic) => {
                discard(panic);
                None
            }
        }
    }

    /// Drops them one after the other, each although one before it panicked.
    pub fn drop_each<T>(&mut self, things: impl IntoIterator<Item = T>) {
        for thing in things {
            self.catch(|| drop(thing));
        }
    }

    /// The first panic goes on, if there was one; not while the thread unwinds already.
    pub fn go_on(mut self) {
        match self.first.take() {
            Some(panic) if thread::panicking() => discard(panic),
            Some(panic) => resume_unwind(panic),
            None => {}
        }
    }
}

impl Drop for Panics {
    /// Another panic came before `go_on`.
    fn drop(&mut self) {
        if let Some(panic) = self.first.take() {
            discard(panic);
        }
    }
}

/// Drops what a panic carried, which may panic again when that is dropped.
pub(crate) fn discard(panic: Box<dyn Any + Send>) {
    if let Err(next) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        mem::forget(next);
    }
}
