//! Timeouts: a Deferred that is cancelled when its time is over.
use crate::{Cancelled, Deferred, Failure, Next, Outcome, TimedOut};
use reactor::Handle;
use std::{cell::Cell, rc::Rc, time::Duration};

impl<T: 'static> Deferred<T> {
    /// Cancels it once `time` has passed by the reactor's clock, and then turns [`Cancelled`] into [`TimedOut`]. A result
    /// in time removes the timer; at exactly `time` it is too late if the timer runs first.
    ///
    /// It covers the stages before it, not those after. Cancelled by hand it stays `Cancelled`. When a canceller or
    /// errback answers the cancel with something else, that is the result.
    ///
    /// ```
    /// use deferreds::{Deferred, TimedOut};
    /// use reactor::{Reactor, Sim};
    /// use std::time::Duration;
    ///
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// let handle = reactor.handle();
    /// let (_never, poem) = Deferred::<String>::new();
    /// let shown = poem
    ///     .add_timeout(&handle, Duration::from_secs(5))
    ///     .add_errback(|failure| {
    ///         failure.trap::<TimedOut>()?;
    ///         Ok("too slow".to_owned())
    ///     });
    /// handle.call_later(Duration::from_secs(6), |h| h.stop().unwrap());
    /// reactor.run()?;
    /// assert_eq!(shown.into_result().unwrap().unwrap(), "too slow");
    /// # Ok::<(), reactor::RunError>(())
    /// ```
    #[track_caller]
    pub fn add_timeout(self, reactor: &Handle, time: Duration) -> Deferred<T> {
        self.add_timeout_with(reactor, time, |result, _| match result {
            Err(failure) if failure.check::<Cancelled>().is_some() => {
                Err(Failure::at(failure.location(), TimedOut))
            }
            result => result,
        })
    }

    /// As [`add_timeout`](Deferred::add_timeout), with a function of yours that is called when the time is over. It is
    /// given what the cancelled Deferred answered, and `time`; what it returns is the result. (Twisted: `onTimeoutCancel`.)
    ///
    /// ```
    /// use deferreds::Deferred;
    /// use reactor::{Reactor, Sim};
    /// use std::time::Duration;
    ///
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// let handle = reactor.handle();
    /// let (_never, poem) = Deferred::<String>::new();
    /// let shown = poem.add_timeout_with(&handle, Duration::from_secs(5), |_cancelled, time| {
    ///     Ok(format!("nothing for {} s", time.as_secs()))
    /// });
    /// handle.call_later(Duration::from_secs(6), |h| h.stop().unwrap());
    /// reactor.run()?;
    /// assert_eq!(shown.into_result().unwrap().unwrap(), "nothing for 5 s");
    /// # Ok::<(), reactor::RunError>(())
    /// ```
    #[track_caller]
    pub fn add_timeout_with<R: Outcome<Value = T>>(
        self,
        reactor: &Handle,
        time: Duration,
        on_timeout: impl FnOnce(Result<T, Failure>, Duration) -> R + 'static,
    ) -> Deferred<T> {
        let canceller = self.canceller();
        let over = Rc::new(Cell::new(false));
        let timer = reactor.call_later(time, {
            let over = over.clone();
            move |_| {
                over.set(true);
                canceller.cancel();
            }
        });
        self.add_both(move |result| {
            // It has run already when it is what ended the wait.
            let _ = timer.cancel();
            if over.get() {
                on_timeout(result, time).into_next()
            } else {
                Next::Now(result)
            }
        })
    }
}
