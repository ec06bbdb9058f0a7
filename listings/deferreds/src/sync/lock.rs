//! A lock: one at a time, across turns of the loop.
use crate::{Deferred, Guard, Outcome, Semaphore};
use std::fmt;

/// Held by one at a time, also while that one waits for something. Clones are about the same lock.
///
/// In one thread no lock is needed for what happens in one callback. This one is for what takes
/// several: read, wait, write. Those who come while it is held wait in line; see [`Guard`].
///
/// ```
/// use deferreds::{Lock, defer_later};
/// use reactor::{Reactor, Sim};
/// use std::{cell::Cell, rc::Rc, time::Duration};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let (balance, lock) = (Rc::new(Cell::new(100)), Lock::new());
/// for amount in [30, 60] {
///     let (h, balance) = (reactor.handle(), balance.clone());
///     // Without the lock, both would read 100.
///     drop(lock.run(move || {
///         let read = balance.get();
///         defer_later(&h, Duration::from_secs(1), move |_| Ok(balance.set(read - amount)))
///     }));
/// }
/// assert!(reactor.run().unwrap_err().is_stalled());
/// assert_eq!(balance.get(), 10);
/// ```
///
/// Source:
/// [`DeferredLock`](https://docs.twisted.org/en/stable/api/twisted.internet.defer.DeferredLock.html).
#[derive(Clone)]
pub struct Lock(Semaphore);

impl Lock {
    /// Returns one that is free.
    #[must_use]
    #[track_caller]
    pub fn new() -> Lock {
        Lock(Semaphore::new(1))
    }

    /// Waits until it is free, behind those who wait already. Cancelled, it leaves the line.
    #[track_caller]
    pub fn acquire(&self) -> Deferred<Guard> {
        self.0.acquire()
    }

    /// Returns the lock, if it is free.
    #[must_use]
    #[track_caller]
    pub fn try_acquire(&self) -> Option<Guard> {
        self.0.try_acquire()
    }

    /// Calls `f` while it holds the lock, and lets go when the outcome is there: a value, a
    /// failure, or a cancel, which ends the waiting in line or what `f` waits for.
    #[track_caller]
    pub fn run<R: Outcome>(&self, f: impl FnOnce() -> R + 'static) -> Deferred<R::Value> {
        self.0.run(f)
    }

    /// Returns whether it is held.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.0.free() == 0
    }

    /// Returns how many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting()
    }
}

impl Default for Lock {
    fn default() -> Lock {
        Lock::new()
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock")
            .field("is_locked", &self.is_locked())
            .field("waiting", &self.waiting())
            .finish()
    }
}
