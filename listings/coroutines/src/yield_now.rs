//! `yield_now`: let the others go first.
use std::{future::poll_fn, task::Poll};

/// Gives way once: to the other tasks that are woken, and to timers and sockets, because a task that wakes itself is
/// polled again after the next wait.
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
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}
