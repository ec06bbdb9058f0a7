//! Awaiting: a Deferred as a future, for `.await` under any executor.
use crate::{
    Cancelled, Deferred, Failure,
    core::chain::{self, Link},
};
use reactor::contain;
use std::{
    cell::Cell,
    fmt, mem,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// The future that [`Deferred`] becomes with `.await`: it is ready when the Deferred has its
/// result.
///
/// It needs no reactor and no particular executor. Like the Deferred it stays in its thread.
/// Dropped before it is ready, it cancels the Deferred, as the result is no longer wanted. What the
/// cancelled operation then answers is dropped, except a failure other than [`Cancelled`]: that is
/// reported as unhandled. So is a failure that came and that no poll took.
///
/// When a stage of the Deferred panics, no result can come any more, and it is ready with
/// [`Abandoned`](crate::Abandoned).
///
/// ```
/// use deferreds::{Deferred, Failure};
/// use std::{pin::pin, task::{Context, Poll, Waker}};
///
/// async fn pages(poem: Deferred<String>) -> Result<usize, Failure> {
///     Ok(poem.await?.len() / 10)
/// }
///
/// let (resolver, poem) = Deferred::new();
/// let mut pages = pin!(pages(poem));
/// let mut context = Context::from_waker(Waker::noop());
/// assert!(pages.as_mut().poll(&mut context).is_pending());
/// resolver.callback("Gather ye rosebuds while ye may".to_owned());
/// assert!(matches!(pages.as_mut().poll(&mut context), Poll::Ready(Ok(3))));
/// ```
///
/// Another thread's executor cannot have it:
///
/// ```compile_fail,E0277
/// let (_resolver, poem) = deferreds::Deferred::<String>::new();
/// std::thread::spawn(move || drop(poem.into_future()));
/// ```
#[must_use = "a future does nothing until it is polled, and dropping this one cancels the Deferred"]
pub struct Awaited<T: 'static> {
    progress: Progress<T>,
    /// The place of the `.await`.
    at: &'static Location<'static>,
}

enum Progress<T: 'static> {
    Unpolled(Deferred<T>),
    /// The Deferred has one more stage, its last, which puts the result into the shared state.
    Waits(Rc<dyn Link>, Rc<SharedState<T>>),
    Over,
}

/// What the last stage and the future share: the result, once it is there, and the waker of the
/// task that waits for it until then.
struct SharedState<T> {
    result: Cell<Option<Result<T, Failure>>>,
    waker: Cell<Option<Waker>>,
    given_up: Cell<bool>,
}

impl<T> SharedState<T> {
    /// The last stage of an awaited Deferred. What it returns is reported if it is a failure.
    fn put(&self, result: Result<T, Failure>) -> Result<(), Failure> {
        if self.given_up.get() {
            return result.map(drop).or_else(unless_cancelled);
        }
        self.result.set(Some(result));
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Remembers whom to wake: the one who polled last.
    fn wake_later(&self, waker: &Waker) {
        let before = self.waker.take();
        match before {
            Some(same) if same.will_wake(waker) => self.waker.set(Some(same)),
            other => {
                self.waker.set(Some(waker.clone()));
                // Last: what goes with it may fire this Deferred, and that wakes the new one.
                drop(other);
            }
        }
    }
}

/// Who gave up waiting has no use for hearing that it was cancelled.
pub(crate) fn unless_cancelled(failure: Failure) -> Result<(), Failure> {
    failure.trap::<Cancelled>().map(drop)
}

impl<T: 'static> IntoFuture for Deferred<T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Awaited<T>;

    /// What `.await` calls.
    #[track_caller]
    fn into_future(self) -> Awaited<T> {
        Awaited {
            progress: Progress::Unpolled(self),
            at: Location::caller(),
        }
    }
}

/// Nothing in it is pinned: what it waits for is behind an `Rc`.
impl<T: 'static> Unpin for Awaited<T> {}

impl<T: 'static> Future for Awaited<T> {
    type Output = Result<T, Failure>;

    /// The result, if it is there; else keeps the waker for when it comes.
    ///
    /// # Panics
    /// When it was ready before: a result is taken once.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (head, state) = match mem::replace(&mut self.progress, Progress::Over) {
            Progress::Unpolled(deferred) => match deferred.into_result() {
                Ok(result) => return Poll::Ready(result),
                Err(waits) => waits.into_shared_state(self.at),
            },
            Progress::Waits(head, state) => match state.result.take() {
                Some(result) => return Poll::Ready(result),
                None => (head, state),
            },
            Progress::Over => panic!("an awaited Deferred was polled again after it was ready"),
        };
        state.wake_later(context.waker());
        trace::stands(self.at);
        self.progress = Progress::Waits(head, state);
        Poll::Pending
    }
}

impl<T: 'static> Deferred<T> {
    /// Adds the stage that fills a shared state.
    fn into_shared_state(
        self,
        at: &'static Location<'static>,
    ) -> (Rc<dyn Link>, Rc<SharedState<T>>) {
        let state = Rc::new(SharedState {
            result: Cell::new(None),
            waker: Cell::new(None),
            given_up: Cell::new(false),
        });
        let head = self.head().clone();
        // When a stage before it panics, that tells us, and the task does not wait for ever.
        let filled = state.clone();
        self.told_at(at, move |result| filled.put(result));
        (head, state)
    }
}

impl<T: 'static> Drop for Awaited<T> {
    fn drop(&mut self) {
        let progress = mem::replace(&mut self.progress, Progress::Over);
        contain(|| match progress {
            Progress::Over => {}
            Progress::Unpolled(deferred) => {
                let canceller = deferred.canceller();
                deferred.told_at(self.at, |result| result.map(drop).or_else(unless_cancelled));
                canceller.cancel_at(self.at);
            }
            Progress::Waits(head, state) => {
                state.given_up.set(true);
                match state.result.take() {
                    None => chain::cancel(head, self.at),
                    Some(Ok(_)) => {}
                    Some(Err(failure)) => head.chain().report(&failure),
                }
            }
        });
    }
}

impl<T: 'static> fmt::Debug for Awaited<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Awaited")
            .field("at", &format_args!("{}", self.at))
            .finish()
    }
}
