//! Several futures in one task: all of them, or the first.
use pin_project_lite::pin_project;
use reactor::Panics;
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

pin_project! {
    /// One of several futures, and its output once that is there.
    ///
    /// Each is dropped on its own: one that panics then does not keep the others from being
    /// dropped, and two that panic do not abort the process.
    struct Member<F: Future> {
        #[pin]
        future: Option<F>,
        output: Option<F::Output>,
    }

    impl<F: Future> PinnedDrop for Member<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let mut panics = Panics::default();
            panics.catch(|| this.future.set(None));
            panics.catch(|| drop(this.output.take()));
            panics.go_on();
        }
    }
}

impl<F: Future> Member<F> {
    fn new(future: F) -> Member<F> {
        Member {
            future: Some(future),
            output: None,
        }
    }

    /// Polls the future unless its output is there already. Returns whether it is there now.
    fn poll_once(self: Pin<&mut Self>, context: &mut Context<'_>) -> bool {
        let this = self.project();
        if this.output.is_none()
            && let Some(future) = this.future.as_pin_mut()
            && let Poll::Ready(output) = future.poll(context)
        {
            *this.output = Some(output);
        }
        this.output.is_some()
    }

    /// Drops the future, which is done, before the other members are.
    fn drop_future(self: Pin<&mut Self>) {
        self.project().future.set(None);
    }

    fn take_output(self: Pin<&mut Self>) -> Option<F::Output> {
        self.project().output.take()
    }
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
    let (mut a, mut b) = (
        pin!(Member::new(a.into_future())),
        pin!(Member::new(b.into_future())),
    );
    poll_fn(|context| {
        let left_done = a.as_mut().poll_once(context);
        let right_done = b.as_mut().poll_once(context);
        if !(left_done && right_done) {
            return Poll::Pending;
        }
        match (a.as_mut().take_output(), b.as_mut().take_output()) {
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
    // In boxes: what has been polled must not move, and a vector moves its elements.
    let mut members: Vec<_> = futures
        .into_iter()
        .map(|future| Box::pin(Member::new(future.into_future())))
        .collect();
    poll_fn(|context| {
        let mut done = true;
        for member in &mut members {
            if member.as_mut().poll_once(context) {
                // At once: what it holds, a lock for example, may be what another member waits for.
                member.as_mut().drop_future();
            } else {
                done = false;
            }
        }
        if done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    members
        .into_iter()
        .filter_map(|mut member| member.as_mut().take_output())
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
    let (mut a, mut b) = (
        pin!(Member::new(a.into_future())),
        pin!(Member::new(b.into_future())),
    );
    poll_fn(|context| {
        if a.as_mut().poll_once(context)
            && let Some(output) = a.as_mut().take_output()
        {
            return Poll::Ready(Either::Left(output));
        }
        if b.as_mut().poll_once(context)
            && let Some(output) = b.as_mut().take_output()
        {
            return Poll::Ready(Either::Right(output));
        }
        Poll::Pending
    })
    .await
}
