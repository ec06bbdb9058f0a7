//! `sleep`: a timer of the reactor as a future.
use reactor::{DelayedCall, Handle, contain};
use std::{
    cell::Cell,
    fmt,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// The timer that [`sleep`] sets.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Sleep {
    state: Rc<SharedState>,
    timer: DelayedCall,
    /// The place of the call: there a task stands that awaits it.
    at: &'static Location<'static>,
}

#[derive(Default)]
struct SharedState {
    over: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

/// Is ready once `time` has passed by the reactor's clock, counted from this call. Dropped, it
/// cancels its timer.
///
/// ```
/// use coroutines::{block_on, sleep};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let h = reactor.handle();
/// block_on(&mut reactor, async {
///     sleep(&h, Duration::from_secs(3600)).await;
///     Ok(())
/// })
/// .unwrap();
/// assert_eq!(h.now().as_millis(), 3_600_000);
/// ```
#[track_caller]
pub fn sleep(reactor: &Handle, time: Duration) -> Sleep {
    let state = Rc::<SharedState>::default();
    let timer = reactor.call_later(time, {
        let state = Rc::clone(&state);
        move |_| {
            state.over.set(true);
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
        }
    });
    let at = Location::caller();
    Sleep { state, timer, at }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.state.over.get() {
            return Poll::Ready(());
        }
        let before = self.state.waker.take();
        let waker = match before {
            Some(waker) if waker.will_wake(context.waker()) => waker,
            _ => context.waker().clone(),
        };
        self.state.waker.set(Some(waker));
        trace::stands(self.at);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        // It may have fired already.
        let _ = self.timer.cancel();
        // The waker is code of others, and we may be on the way down.
        contain(|| drop(self.state.waker.take()));
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("until", &self.timer.time())
            .field("over", &self.state.over.get())
            .finish()
    }
}
