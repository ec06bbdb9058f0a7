//! Timeouts: a Deferred that is cancelled when its time is over, and one that ends then whatever
//! happens.
use crate::{
    Cancelled, Deferred, Failure, Next, Outcome, TimedOut,
    core::{awaited::unless_cancelled, cancel::PassOn},
};
use reactor::{Handle, Panics};
use scopeguard::guard;
use std::{cell::Cell, panic::Location, rc::Rc, time::Duration};

impl<T: 'static> Deferred<T> {
    /// Cancels it once `time` has passed by the reactor's clock, and then turns [`Cancelled`] into
    /// [`TimedOut`]. A result in time removes the timer; at exactly `time` it is too late if the
    /// timer runs first.
    ///
    /// It covers the stages before it, not those after. Cancelled by hand it stays `Cancelled`.
    /// When a canceller or errback answers the cancel with something else, that is the result.
    ///
    /// It asks, and so it is no bound: a canceller that keeps its resolver, or an errback that
    /// waits for something else, answers when it likes.
    /// [`add_hard_timeout`](Deferred::add_hard_timeout) has the last word.
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

    /// A bound: as [`add_timeout`](Deferred::add_timeout), but when the cancel is not answered at
    /// once, this fires [`TimedOut`] at once all the same. What the operation answers later is
    /// dropped, and its failure, unless it is [`Cancelled`], is reported as unhandled.
    ///
    /// The operation may still be running then: nothing but its own answer says that it has ended.
    /// So ask first and give it time: `add_timeout` for 5 s, then this for 6 s.
    ///
    /// ```
    /// use deferreds::{Deferred, TimedOut};
    /// use reactor::{Reactor, Sim};
    /// use std::{cell::Cell, rc::Rc, time::Duration};
    ///
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// let handle = reactor.handle();
    /// let kept = Rc::new(Cell::new(None));
    /// let keep = kept.clone();
    /// // Its canceller says nothing, for ever.
    /// let (_never, poem) =
    ///     Deferred::<String>::with_canceller(move |instead| keep.set(Some(instead)));
    /// let poem = poem
    ///     .add_timeout(&handle, Duration::from_secs(5))
    ///     .add_hard_timeout(&handle, Duration::from_secs(6));
    /// assert!(reactor.run().unwrap_err().is_stalled());
    /// assert_eq!(handle.now().as_millis(), 6_000);
    /// assert!(poem.into_result().unwrap().unwrap_err().check::<TimedOut>().is_some());
    /// ```
    #[track_caller]
    pub fn add_hard_timeout(self, reactor: &Handle, time: Duration) -> Deferred<T> {
        let at = Location::caller();
        let canceller = self.canceller();
        let inner = canceller.clone();
        let undo = PassOn::to(move || inner.cancel());
        let (resolver, deferred) = Deferred::pair(at, Some(undo));
        let over = Rc::new(Cell::new(false));
        let resolver = Rc::new(Cell::new(Some(resolver)));
        let timer = reactor.call_later(time, {
            let (over, resolver) = (over.clone(), resolver.clone());
            move |_| {
                over.set(true);
                // The canceller may panic; the last word is ours.
                let mut panics = Panics::default();
                panics.catch(|| canceller.cancel());
                if let Some(resolver) = resolver.take() {
                    panics.catch(|| resolver.fire_at(at, Err(Failure::at(at, TimedOut))));
                }
                panics.go_on();
            }
        });
        self.told_at(at, move |result| {
            // It has run already when it is what ended the wait.
            let _ = timer.cancel();
            let Some(resolver) = resolver.take() else {
                return result.map(drop).or_else(unless_cancelled);
            };
            let result = match result {
                Err(failure) if over.get() && failure.check::<Cancelled>().is_some() => {
                    Err(Failure::at(failure.location(), TimedOut))
                }
                result => result,
            };
            resolver.fire_at(at, result);
            Ok(())
        });
        deferred
    }

    /// Does what [`add_timeout`](Deferred::add_timeout) does, with a function of yours that is
    /// called when the time is over. It is given what the cancelled Deferred answered, and `time`;
    /// what it returns is the result. (Twisted: `onTimeoutCancel`.)
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
        // Taken back with the result, or when a stage before it panics. It has run already when it
        // is what ended the wait.
        let timer = guard(timer, |timer| {
            let _ = timer.cancel();
        });
        self.add_both(move |result| {
            drop(timer);
            if over.get() {
                on_timeout(result, time).into_next()
            } else {
                Next::Now(result)
            }
        })
    }
}
