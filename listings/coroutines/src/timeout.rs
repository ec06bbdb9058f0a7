//! `timeout`: a future that has only so much time.
use crate::{Either, select, sleep};
use deferreds::TimedOut;
use reactor::Handle;
use std::time::Duration;

/// Waits for `future`, but not longer than `time`, counted from this call. What is late is dropped;
/// a Deferred is cancelled by that. When both have happened before it is polled, the future wins.
///
/// ```
/// use coroutines::{block_on, timeout};
/// use deferreds::{Deferred, TimedOut};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let h = reactor.handle();
/// let (_never, poem) = Deferred::<String>::new();
/// let late = block_on(&mut reactor, async {
///     let poem = timeout(&h, Duration::from_secs(5), poem).await??;
///     Ok(poem.len())
/// });
/// assert!(late.unwrap_err().check::<TimedOut>().is_some());
/// ```
///
/// # Errors
/// [`TimedOut`].
#[track_caller]
pub fn timeout<F: IntoFuture>(
    reactor: &Handle,
    time: Duration,
    future: F,
) -> impl Future<Output = Result<F::Output, TimedOut>> + use<F> {
    let alarm = sleep(reactor, time);
    async {
        match select(future, alarm).await {
            Either::Left(output) => Ok(output),
            Either::Right(()) => Err(TimedOut),
        }
    }
}
