//! A call that is made later, and its result as a Deferred.
use crate::{Deferred, Next, Outcome};
use reactor::Handle;
use std::{cell::Cell, rc::Rc, time::Duration};

/// Calls `f` when `delay` has passed by the reactor's clock, and fires with its outcome.
///
/// Cancelled before that, it removes the timer, drops `f` and fires
/// [`Cancelled`](crate::Cancelled). Cancelled while it waits for the Deferred that `f` gave, it
/// cancels that one. When the reactor is dropped first, it fires [`Abandoned`](crate::Abandoned). A
/// panic of `f` goes through, and leaves [`Abandoned`](crate::Abandoned) behind.
///
/// A Deferred that `f` returns is joined as by [`chain_deferred`](Deferred::chain_deferred). So a
/// loop whose next round begins inside `f` keeps a link for each round. Begin it in a stage that
/// you add: a chain of those does not grow.
///
/// ```
/// use deferreds::defer_later;
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let answer = defer_later(&reactor.handle(), Duration::from_secs(5), |h| {
///     h.stop()?;
///     Ok(h.now().as_millis())
/// });
/// reactor.run()?;
/// assert_eq!(answer.into_result().unwrap().unwrap(), 5_000);
/// # Ok::<(), reactor::RunError>(())
/// ```
///
/// A delay has no sign, so none is negative:
///
/// ```compile_fail,E0600
/// # let reactor = reactor::Reactor::new(reactor::Sim::new(1));
/// use std::time::Duration;
/// let past = deferreds::defer_later(&reactor.handle(), Duration::from_secs(-1), |_| Ok(()));
/// ```
///
/// Source:
/// [`twisted.internet.task.deferLater`](https://docs.twisted.org/en/stable/api/twisted.internet.task.html#deferLater).
#[track_caller]
pub fn defer_later<R: Outcome>(
    reactor: &Handle,
    delay: Duration,
    f: impl FnOnce(&Handle) -> R + 'static,
) -> Deferred<R::Value> {
    let timer = Rc::new(Cell::new(None::<reactor::DelayedCall>));
    let undo = timer.clone();
    let (resolver, deferred) = Deferred::with_canceller(move |instead| {
        if let Some(timer) = undo.take() {
            // It runs right now when `f` itself cancels; then there is nothing to take back.
            let _ = timer.cancel();
        }
        drop(instead);
    });
    let call = reactor.call_later(delay, move |reactor| match f(reactor).into_next() {
        Next::Now(result) => resolver.fire(result),
        Next::Later(inner) => inner.chain_deferred(resolver),
    });
    timer.set(Some(call));
    deferred
}
