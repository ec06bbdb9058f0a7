//! Looping calls: a callback on a grid of times, where a late beat is told how many it stands for.
use crate::{
    Handle, Hold, Time,
    handle::Core,
    panics::{Panics, release, released},
    timers::{Fire, Timer},
};
use scopeguard::{ScopeGuard, defer_on_unwind};
use std::{
    cell::{Cell, OnceCell, RefCell},
    fmt,
    panic::Location,
    rc::{Rc, Weak},
    time::Duration,
};
use trace::Prefix;

type Beat = Box<dyn FnMut(&Handle, &LoopingCall)>;
type Done = Box<dyn FnOnce(&Handle)>;

/// A callback that is called again and again, at a fixed rate.
///
/// Its beats lie on a grid: the start, and every `interval` after it. A beat that takes long, or
/// comes late, does not move the grid. Beats that are missed are skipped, and
/// [`count`](LoopingCall::count) says how many intervals the current one stands for. With an
/// interval of zero there is a beat in every turn. A beat that blocks past the next ones is
/// followed by one late beat at once; Twisted waits for the next place on the grid.
///
/// The callback is given the looping call, so it can stop it. Dropping a `LoopingCall` stops
/// nothing; a panic in a beat does.
///
/// ```
/// use reactor::{LoopingCall, Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let mut beats = 0;
/// let ticking = LoopingCall::start(&reactor.handle(), Duration::from_secs(1), move |h, ticking| {
///     beats += 1;
///     println!("{} at {}", beats, h.now());
///     if beats == 3 {
///         ticking.stop();
///     }
/// });
/// ticking.when_done(|h| h.stop().unwrap());
/// reactor.run()?;
/// assert_eq!(reactor.handle().now().as_millis(), 2_000); // beats at 0 s, 1 s and 2 s
/// # Ok::<(), reactor::RunError>(())
/// ```
#[derive(Clone)]
pub struct LoopingCall {
    inner: Rc<Inner>,
}

struct Inner {
    core: Weak<Core>,
    timer: OnceCell<Weak<Timer>>,
    interval: Duration,
    /// Where the grid begins.
    start: Cell<Time>,
    /// The number of the last beat that ran or was skipped; the first one on the grid is 0.
    last: Cell<Option<u64>>,
    count: Cell<u64>,
    /// Absent while a beat runs, and when there will be no more.
    beat: Cell<Option<Beat>>,
    running: Cell<bool>,
    /// Holds of this beat that are still there.
    holds: Cell<usize>,
    done: RefCell<Vec<Done>>,
    site: &'static Location<'static>,
}

impl LoopingCall {
    /// Calls `beat` in the next turn, and then once in every `interval`. Twisted makes the first
    /// call before `start` returns; here no callback runs inside another one.
    #[track_caller]
    pub fn start(
        reactor: &Handle,
        interval: Duration,
        beat: impl FnMut(&Handle, &LoopingCall) + 'static,
    ) -> LoopingCall {
        LoopingCall::new(reactor, interval, None, Box::new(beat), Location::caller())
    }

    /// Calls `beat` once in every `interval`, for the first time when one interval has passed.
    #[track_caller]
    pub fn start_later(
        reactor: &Handle,
        interval: Duration,
        beat: impl FnMut(&Handle, &LoopingCall) + 'static,
    ) -> LoopingCall {
        LoopingCall::new(
            reactor,
            interval,
            Some(0),
            Box::new(beat),
            Location::caller(),
        )
    }

    fn new(
        reactor: &Handle,
        interval: Duration,
        last: Option<u64>,
        beat: Beat,
        site: &'static Location<'static>,
    ) -> LoopingCall {
        let start = reactor.now();
        let inner = Rc::new(Inner {
            core: Rc::downgrade(&reactor.core),
            timer: OnceCell::new(),
            interval,
            start: Cell::new(start),
            last: Cell::new(last),
            count: Cell::new(0),
            beat: Cell::new(Some(beat)),
            running: Cell::new(true),
            holds: Cell::new(0),
            done: RefCell::default(),
            site,
        });
        let looping = LoopingCall { inner };
        // One timer for all beats: it owns the looping call, which knows it weakly, so no cycle.
        let timer: Rc<Timer> = Timer::new(trace::object(Prefix::Timer), looping.clone());
        // The cell is new, so nothing is in it.
        let _ = looping.inner.timer.set(Rc::downgrade(&timer));
        // `start_later` counts beat 0 as done, and so begins with beat 1.
        let first = if last.is_some() {
            start + interval
        } else {
            start
        };
        reactor.start_timer(timer, first, site);
        looping
    }

    /// In a beat: how many intervals have passed since the beat before. 1 when all goes well; 3
    /// when two beats were missed. (Twisted's `withCount`.)
    pub fn count(&self) -> u64 {
        self.inner.count.get()
    }

    /// In a beat: the next beat waits until what you get here is dropped, and then for its place on
    /// the grid.
    ///
    /// ```
    /// use reactor::{LoopingCall, Reactor, Sim};
    /// use std::time::Duration;
    ///
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// let looping = LoopingCall::start(&reactor.handle(), Duration::from_secs(1), |h, looping| {
    ///     let working = looping.hold();
    ///     // This work takes 2.5 s; the beats at 1 s and 2 s are missed.
    ///     h.call_later(Duration::from_millis(2_500), move |_| drop(working));
    ///     if looping.count() == 3 {
    ///         assert_eq!(h.now().as_millis(), 3_000);
    ///         h.stop().unwrap();
    ///     }
    /// });
    /// reactor.run()?;
    /// # Ok::<(), reactor::RunError>(())
    /// ```
    pub fn hold(&self) -> Hold {
        let inner = &self.inner;
        inner.holds.set(inner.holds.get() + 1);
        let looping = Rc::downgrade(inner);
        Hold::upon_drop(inner.core.clone(), move |reactor| {
            if let Some(inner) = looping.upgrade() {
                inner.holds.set(inner.holds.get() - 1);
                LoopingCall { inner }.go_on(reactor, reactor.now());
            }
        })
    }

    /// Returns whether there will be another beat.
    pub fn running(&self) -> bool {
        self.inner.running.get()
    }

    /// Returns the time between two beats.
    pub fn interval(&self) -> Duration {
        self.inner.interval
    }

    /// No more beats. What the callback captured is dropped: now, or at the end of the beat that is
    /// running. Stopping twice does nothing.
    #[track_caller]
    pub fn stop(&self) {
        let Some(reactor) = self.end() else { return };
        if let Some(timer) = self.queued_timer() {
            reactor.core.timers.cancel(&timer);
            trace::event(trace::Kind::TimerCancel)
                .of(timer.object)
                .here()
                .record();
        }
        release(self.inner.beat.take());
    }

    /// Begins a new grid now: the next beat comes when one interval has passed, and
    /// [`count`](LoopingCall::count) counts from now on. So it is while a [hold](LoopingCall::hold)
    /// delays the beat, too: the next beat then has its place on the new grid. (Twisted ignores a
    /// `reset` while a beat waits.)
    pub fn reset(&self) {
        let Some(core) = self.inner.core.upgrade() else {
            return;
        };
        let reactor = Handle { core };
        self.inner.start.set(reactor.now());
        self.inner.last.set(Some(0));
        if self.queued_timer().is_some() {
            self.go_on(&reactor, reactor.now());
        }
    }

    /// Calls `done` once there are no more beats; soon, if that is so already. It is called in the
    /// turn in which they end, after that turn's callbacks; so also when a shutdown trigger ends
    /// them, and no turn comes after it.
    pub fn when_done(&self, done: impl FnOnce(&Handle) + 'static) {
        if self.running() {
            self.inner.done.borrow_mut().push(Box::new(done));
        } else if let Some(core) = self.inner.core.upgrade() {
            Handle { core }.call_when_done(done);
        } else {
            release(done);
        }
    }

    /// Marks it as ended and tells those who wait for that; `None` if it had ended before.
    fn end(&self) -> Option<Handle> {
        let core = self.inner.core.upgrade()?;
        if !self.inner.running.replace(false) {
            return None;
        }
        let reactor = Handle { core };
        for done in self.inner.done.take() {
            reactor.call_when_done(done);
        }
        Some(reactor)
    }

    fn queued_timer(&self) -> Option<Rc<Timer>> {
        self.inner
            .timer
            .get()?
            .upgrade()
            .filter(|timer| timer.is_queued())
    }

    /// The next beat, at its place on the grid after `now`; at the end of time while a hold delays
    /// it.
    fn go_on(&self, reactor: &Handle, now: Time) {
        let inner = &self.inner;
        let Some(timer) = inner.timer.get().and_then(Weak::upgrade) else {
            return;
        };
        if !inner.running.get() {
            return;
        }
        let next = match inner.holds.get() {
            0 => self
                .beat_at(now)
                .map_or(now, |beat| self.time_of(beat.saturating_add(1))),
            _ => Time::MAX,
        };
        if timer.is_queued() {
            reactor.core.move_timer(&timer, next, inner.site);
        } else {
            reactor.start_timer(timer, next, inner.site);
        }
    }

    /// Returns the number of the beat whose interval `now` lies in; `None` when there is no grid,
    /// but a beat in every turn.
    fn beat_at(&self, now: Time) -> Option<u64> {
        let passed = (now - self.inner.start.get()).as_nanos();
        let number = passed.checked_div(self.inner.interval.as_nanos())?;
        Some(u64::try_from(number).unwrap_or(u64::MAX))
    }

    fn time_of(&self, beat: u64) -> Time {
        let nanos = self
            .inner
            .interval
            .as_nanos()
            .saturating_mul(u128::from(beat));
        self.inner.start.get() + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Fire for LoopingCall {
    fn fire(&self, reactor: &Handle) {
        let inner = &self.inner;
        // The time of the turn and not the clock's: beats that are late together count alike.
        let now = reactor.core.turn_time.get();
        let last = inner.last.get();
        let number = self
            .beat_at(now)
            .unwrap_or_else(|| last.map_or(0, |last| last + 1));
        inner
            .count
            .set(number.saturating_sub(last.unwrap_or(0)) + u64::from(last.is_none()));
        inner.last.set(Some(number));
        // Taken out while it runs: the beat may stop its looping call, which drops it.
        let Some(beat) = inner.beat.take() else {
            return;
        };
        let mut beat = released(beat);
        {
            // A panic in a beat ends the looping call.
            defer_on_unwind! { self.end(); }
            beat(reactor, self);
        }
        // Stopped in the beat, or the reactor was dropped in it: then it is dropped here.
        if inner.running.get() && !reactor.core.closed.get() {
            inner.beat.set(Some(ScopeGuard::into_inner(beat)));
            self.go_on(reactor, now);
        }
    }

    fn clear(&self) {
        self.inner.running.set(false);
        let mut panics = Panics::default();
        panics.drop_each(self.inner.beat.take());
        panics.drop_each(self.inner.done.take());
        panics.go_on();
    }
}

impl fmt::Debug for LoopingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopingCall")
            .field("interval", &self.interval())
            .field("running", &self.running())
            .finish()
    }
}
