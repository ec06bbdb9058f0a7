//! `spawn`: a future becomes a task, and its result a Deferred.
use crate::{executor::Executor, task::Task};
use deferreds::{Deferred, Failure};
use reactor::Handle;
use std::{panic::Location, rc::Rc};

/// Makes a task of `future`: the reactor polls it whenever it is woken, first once the callbacks of
/// this turn have run. The Deferred fires with its result.
///
/// Dropping the Deferred lets the task run on. Cancelling it drops the future where it stands, and
/// then the Deferred fires [`Cancelled`](deferreds::Cancelled); a task that cancels itself runs to
/// its next `await` first. What the future awaits is dropped, and so cancelled, first of all; only
/// when that goes more than 16 tasks deep do the deeper ones go last, so that no stack overflows.
/// When the future panics, or the reactor is dropped, it fires [`Abandoned`](deferreds::Abandoned).
///
/// Nothing here needs to be `Send`: a task stays in the thread of its reactor.
///
/// ```
/// use coroutines::spawn;
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let answer = spawn(&reactor.handle(), async { Ok(6 * 7) });
/// reactor.turn(Some(Duration::ZERO))?;
/// assert_eq!(answer.into_result().unwrap().unwrap(), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Sources: `twisted.internet.defer.Deferred.fromCoroutine`, `tokio::task::spawn_local`.
#[track_caller]
pub fn spawn<T, F>(reactor: &Handle, future: F) -> Deferred<T>
where
    T: 'static,
    F: Future<Output = Result<T, Failure>> + 'static,
{
    let executor = Executor::of(reactor);
    let key = executor.reserve();
    let weak = Rc::downgrade(&executor);
    let (resolver, deferred) = Deferred::with_canceller(move |resolver| {
        if let Some(executor) = weak.upgrade() {
            executor.cancel(key, resolver);
        }
    });
    let task = Box::pin(Task::new(future, resolver));
    executor.begin(key, task, Location::caller());
    deferred
}
