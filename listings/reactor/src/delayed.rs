//! Delayed calls: what `call_later` returns, and what can be done with one.
use crate::{
    Handle, Inactive, Time,
    handle::Core,
    timers::{Fire, State, Timer, Timers},
};
use std::{
    cell::Cell,
    fmt,
    panic::Location,
    rc::{Rc, Weak},
    time::Duration,
};
use trace::{Kind, Prefix};

/// A callback that is called once.
struct Once<F>(Cell<Option<F>>);

impl<F: FnOnce(&Handle)> Fire for Once<F> {
    fn fire(&self, reactor: &Handle) {
        if let Some(call) = self.0.take() {
            call(reactor);
        }
    }

    fn clear(&self) {
        drop(self.0.take());
    }
}

impl Handle {
    /// Calls `call` once `delay` has passed: never earlier, and in a later turn than this one.
    ///
    /// Equal deadlines run in the order in which they were made. A delay that is too long for
    /// [`Time`] waits for the end of time. Dropping the [`DelayedCall`] cancels nothing.
    ///
    /// ```
    /// use reactor::{Reactor, Sim};
    /// use std::time::Duration;
    ///
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// let handle = reactor.handle();
    /// handle.call_later(Duration::from_millis(20), |h| {
    ///     assert_eq!(h.now().as_millis(), 20);
    ///     h.stop().unwrap();
    /// });
    /// reactor.run()?;
    /// # Ok::<(), reactor::RunError>(())
    /// ```
    #[track_caller]
    pub fn call_later(&self, delay: Duration, call: impl FnOnce(&Handle) + 'static) -> DelayedCall {
        let at = self.now() + delay;
        let object = trace::object(Prefix::Timer);
        let timer = Timer::new(object, Once(Cell::new(Some(call))));
        self.start_timer(timer.clone(), at, Location::caller());
        DelayedCall {
            core: Rc::downgrade(&self.core),
            timer,
        }
    }

    /// Puts a timer in, unless the reactor is gone.
    #[inline]
    pub(crate) fn start_timer(&self, timer: Rc<Timer>, at: Time, site: &'static Location<'static>) {
        if trace::on() {
            let delay = at - self.now();
            trace::event(Kind::TimerSet)
                .of(timer.object)
                .at(site)
                .attr("delay", || delay)
                .record();
        }
        if self.core.closed.get() {
            return Timers::refuse(&timer);
        }
        self.core.timers.insert(timer, at);
        self.core.changed();
    }
}

impl Core {
    /// Moves a timer that waits to another deadline.
    pub(crate) fn move_timer(&self, timer: &Rc<Timer>, at: Time, site: &'static Location<'static>) {
        if trace::on() {
            let delay = at - self.now();
            trace::event(Kind::TimerSet)
                .of(timer.object)
                .because_of(timer.object)
                .at(site)
                .attr("delay", || delay)
                .record();
        }
        self.timers.reset(timer, at);
        self.changed();
    }
}

/// A call that will happen, unless it is cancelled. Clones are about the same call.
///
/// Each change after the call, or after a cancel, is an [`Inactive`] error that says which.
///
/// ```
/// use reactor::{Inactive, Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let call = handle.call_later(Duration::from_secs(1), |_| unreachable!());
/// assert!(call.active());
/// assert_eq!(call.cancel(), Ok(()));
/// assert_eq!(call.cancel(), Err(Inactive::Cancelled));
/// ```
#[derive(Clone)]
pub struct DelayedCall {
    core: Weak<Core>,
    timer: Rc<Timer>,
}

impl DelayedCall {
    /// Returns whether the call is still to come. It is not while it runs.
    pub fn active(&self) -> bool {
        self.check().is_ok()
    }

    /// Returns when it is due; after the call or a cancel, when it was.
    pub fn time(&self) -> Time {
        self.timer.at.get()
    }

    /// Takes it back. What it captured is dropped now.
    ///
    /// # Errors
    /// [`Inactive`] when there is nothing to take back.
    #[track_caller]
    pub fn cancel(&self) -> Result<(), Inactive> {
        let core = self.check()?;
        trace::event(Kind::TimerCancel)
            .of(self.timer.object)
            .here()
            .record();
        core.timers.cancel(&self.timer);
        core.changed();
        Ok(())
    }

    /// Makes it due `delay` from now, earlier or later than it was. Among equal deadlines it counts
    /// as made now.
    ///
    /// # Errors
    /// [`Inactive`] after the call or a cancel.
    #[track_caller]
    pub fn reset(&self, delay: Duration) -> Result<(), Inactive> {
        let core = self.check()?;
        core.move_timer(&self.timer, core.now() + delay, Location::caller());
        Ok(())
    }

    /// Makes it due `more` later than it was.
    ///
    /// # Errors
    /// [`Inactive`] after the call or a cancel.
    #[track_caller]
    pub fn delay(&self, more: Duration) -> Result<(), Inactive> {
        let core = self.check()?;
        let at = self.timer.at.get() + more;
        core.move_timer(&self.timer, at, Location::caller());
        Ok(())
    }

    fn check(&self) -> Result<Rc<Core>, Inactive> {
        match self.timer.state() {
            State::Active => self.core.upgrade().ok_or(Inactive::Dropped),
            State::Called => Err(Inactive::Called),
            State::Cancelled => Err(Inactive::Cancelled),
            State::Dropped => Err(Inactive::Dropped),
        }
    }
}

impl fmt::Debug for DelayedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.timer.state();
        f.debug_struct("DelayedCall")
            .field("time", &self.time())
            .field("state", &state)
            .finish()
    }
}
