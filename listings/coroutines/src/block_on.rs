//! `block_on`: turns the reactor until one future is done.
use crate::{
    executor::{Executor, record_wait},
    wakers,
};
use deferreds::Failure;
use reactor::Reactor;
use scopeguard::defer;
use std::{
    error::Error,
    fmt,
    pin::pin,
    task::{Context, Poll},
};
use trace::{Kind, Prefix};

/// The reactor was stopped before the future of [`block_on`] was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reactor was stopped before the future was done")
    }
}

impl Error for Stopped {}

/// Turns the reactor until `future` is done, and returns its result. Tasks, timers and sockets go
/// on meanwhile, and those that are left stay with the reactor.
///
/// The future may borrow: it stays on this stack. It is polled between two turns, first before any
/// turn.
///
/// ```
/// use coroutines::{block_on, sleep};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let h = reactor.handle();
/// let poem = String::from("Gather ye rosebuds");
/// let length = block_on(&mut reactor, async {
///     sleep(&h, Duration::from_secs(5)).await;
///     Ok(poem.len())
/// });
/// assert_eq!(length.unwrap(), 18);
/// assert_eq!(h.now().as_millis(), 5_000);
/// ```
///
/// # Errors
/// What the future returns; what was passed to [`Handle::fail`](reactor::Handle::fail);
/// [`Stopped`]; an `io::Error` of the world, such as [`Stalled`](reactor::Stalled) when nothing
/// could ever wake the future.
#[track_caller]
pub fn block_on<T, F>(reactor: &mut Reactor, future: F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut future = pin!(future);
    let executor = Executor::of(&reactor.handle());
    let object = trace::object(Prefix::Task);
    let Some(waker) = executor.set_root(object) else {
        return Err(Stopped.into());
    };
    trace::event(Kind::TaskSpawn).of(object).here().record();
    defer! {
        executor.table().borrow_mut().remove_root();
        trace::event(Kind::TaskDrop).of(object).record();
    }
    let mut context = Context::from_waker(waker.waker());
    loop {
        // A poll that no wake asked for could find nothing new.
        let woken = executor.table().borrow_mut().take_root_wake();
        if woken {
            // Another reactor of this thread may have polled since the last time.
            wakers::set_current(&executor);
            let _polling = wakers::polling(&executor);
            let _span = trace::event(Kind::TaskPoll)
                .of(object)
                .because_of(object)
                .enter();
            if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
                return result;
            }
            record_wait(object);
        }
        if let Some(error) = reactor.take_failure() {
            return Err(error.into());
        }
        if reactor.has_stopped() {
            return Err(Stopped.into());
        }
        // A wake during the poll keeps this turn from its wait: see `Table::has_work`.
        reactor.turn(None)?;
    }
}
