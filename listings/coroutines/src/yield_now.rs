//! `yield_now`: let the others go first.
use std::{future::poll_fn, panic::Location, task::Poll};

/// Makes way once: for the other tasks that are woken, and to timers and sockets, because a task
/// that wakes itself is polled again after the next wait.
///
/// ```
/// use coroutines::{block_on, yield_now};
/// use reactor::{Reactor, Sim};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let sum = block_on(&mut reactor, async {
///     let mut sum = 0;
///     for n in 0..1_000_u32 {
///         sum += n;
///         if n % 100 == 0 {
///             yield_now().await;
///         }
///     }
///     Ok(sum)
/// });
/// assert_eq!(sum.unwrap(), 499_500);
/// ```
#[track_caller]
pub fn yield_now() -> impl Future<Output = ()> {
    let at = Location::caller();
    let mut yielded = false;
    poll_fn(move |context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        trace::stands(at);
        Poll::Pending
    })
}
