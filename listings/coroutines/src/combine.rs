//! Several futures in one task: all of them, or the first.
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
};

/// Which of two futures was first, and what it gave.
///
/// ```
/// use coroutines::Either;
/// let either: Either<u8, char> = Either::Right('x');
/// assert_eq!(either, Either::Right('x'));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Either<A, B> {
    /// The first one.
    Left(A),
    /// The second one.
    Right(B),
}

/// Polls `future` unless its output is there already. Whether it is there now.
fn fill<F: Future>(
    future: Pin<&mut F>,
    output: &mut Option<F::Output>,
    context: &mut Context<'_>,
) -> bool {
    if output.is_none()
        && let Poll::Ready(ready) = future.poll(context)
    {
        *output = Some(ready);
    }
    output.is_some()
}

/// Waits for both. Neither is a task: dropping what this returns drops both.
///
/// ```
/// use coroutines::{block_on, join, sleep};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let h = reactor.handle();
/// block_on(&mut reactor, async {
///     join(sleep(&h, Duration::from_secs(2)), sleep(&h, Duration::from_secs(3))).await;
///     Ok(())
/// })
/// .unwrap();
/// assert_eq!(h.now().as_millis(), 3_000); // not 5,000
/// ```
pub async fn join<A: IntoFuture, B: IntoFuture>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a.into_future()), pin!(b.into_future()));
    let (mut left, mut right) = (None, None);
    poll_fn(|context| {
        let left_done = fill(a.as_mut(), &mut left, context);
        let right_done = fill(b.as_mut(), &mut right, context);
        if !(left_done && right_done) {
            return Poll::Pending;
        }
        match (left.take(), right.take()) {
            (Some(left), Some(right)) => Poll::Ready((left, right)),
            _ => Poll::Pending,
        }
    })
    .await
}

/// Waits for all, and returns their outputs in the order of the futures. Of none it is ready at
/// once.
///
/// Each time that one of them wakes the task, all that are not done are polled. For thousands,
/// [`spawn`](crate::spawn) each and await their Deferreds: then only the one that is woken is
/// polled.
///
/// ```
/// use coroutines::{block_on, join_all};
/// use deferreds::Deferred;
/// use reactor::{Reactor, Sim};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let lengths = block_on(&mut reactor, async {
///     let poems = ["Fire and Ice", "Trees"].map(Deferred::succeed);
///     let poems = join_all(poems).await;
///     poems.into_iter().map(|poem| Ok(poem?.len())).collect::<Result<Vec<_>, _>>()
/// });
/// assert_eq!(lengths.unwrap(), [12, 5]);
/// ```
pub async fn join_all<I>(futures: I) -> Vec<<I::Item as IntoFuture>::Output>
where
    I: IntoIterator<Item: IntoFuture>,
{
    let mut members: Vec<_> = futures
        .into_iter()
        .map(|future| (Some(Box::pin(future.into_future())), None))
        .collect();
    poll_fn(|context| {
        let mut done = true;
        for (future, output) in &mut members {
            if let Some(waiting) = future {
                if fill(waiting.as_mut(), output, context) {
                    *future = None;
                } else {
                    done = false;
                }
            }
        }
        if done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    members
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

/// Waits for the first of two, and drops the other; a Deferred is cancelled by that. When both are
/// ready, the first argument wins.
///
/// ```
/// use coroutines::{Either, block_on, select, sleep};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let h = reactor.handle();
/// let first = block_on(&mut reactor, async {
///     Ok(select(sleep(&h, Duration::from_secs(3)), sleep(&h, Duration::from_secs(2))).await)
/// });
/// assert_eq!(first.unwrap(), Either::Right(()));
/// assert_eq!(h.now().as_millis(), 2_000);
/// ```
pub async fn select<A: IntoFuture, B: IntoFuture>(a: A, b: B) -> Either<A::Output, B::Output> {
    let (mut a, mut b) = (pin!(a.into_future()), pin!(b.into_future()));
    poll_fn(|context| {
        if let Poll::Ready(output) = a.as_mut().poll(context) {
            return Poll::Ready(Either::Left(output));
        }
        b.as_mut().poll(context).map(Either::Right)
    })
    .await
}
