//! Triggers: what is called before, during and after startup and shutdown, and what they may wait
//! for.
use crate::{
    Handle,
    handle::Core,
    panics::{Panics, release},
};
use scopeguard::{defer_on_unwind, guard_on_unwind};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    rc::{Rc, Weak},
};

type Call = Box<dyn FnOnce(&Handle)>;
type Before = Box<dyn FnOnce(&Handle, Hold)>;

/// Where in its life a reactor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lifecycle {
    /// No turn yet.
    #[default]
    New,
    /// Waits for those that hold up the startup.
    Starting,
    Running,
    /// Waits for those that hold up the shutdown.
    Stopping,
    Stopped,
}

#[derive(Default)]
struct PhaseQueues {
    before: RefCell<VecDeque<Before>>,
    during: RefCell<VecDeque<Call>>,
    after: RefCell<VecDeque<Call>>,
}

impl PhaseQueues {
    fn drop_all(&self, panics: &mut Panics) {
        panics.drop_each(self.before.take());
        panics.drop_each(self.during.take());
        panics.drop_each(self.after.take());
    }

    fn is_borrowed(&self) -> bool {
        self.before.try_borrow_mut().is_err()
            || self.during.try_borrow_mut().is_err()
            || self.after.try_borrow_mut().is_err()
    }
}

#[derive(Default)]
pub(crate) struct Triggers {
    pub(crate) lifecycle: Cell<Lifecycle>,
    /// Whether `stop` was called. The shutdown begins when the startup is over.
    pub(crate) asked: Cell<bool>,
    /// The shutdown was to begin, and the startup was not over.
    shutdown_waits: Cell<bool>,
    startup: PhaseQueues,
    shutdown: PhaseQueues,
}

impl Triggers {
    pub(crate) fn drop_all(&self, panics: &mut Panics) {
        self.startup.drop_all(panics);
        self.shutdown.drop_all(panics);
    }

    pub(crate) fn is_borrowed(&self) -> bool {
        self.startup.is_borrowed() || self.shutdown.is_borrowed()
    }
}

/// Something waits until the last clone of this is dropped.
///
/// A shutdown waits for it, a [`LoopingCall`](crate::LoopingCall) between two beats, or
/// [`react`](crate::react) for the end of the program. Keep it for as long as your work takes, and
/// drop it when the work is done; there is no way to forget the "done" of work that failed
/// half-way.
///
/// ```
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// handle.before_shutdown(|h, hold| {
///     // Saying goodbye takes two seconds, and the reactor waits.
///     h.call_later(Duration::from_secs(2), move |_| drop(hold));
/// });
/// handle.call_soon(|h| h.stop().unwrap());
/// reactor.run()?;
/// assert_eq!(handle.now().as_millis(), 2_000);
/// # Ok::<(), reactor::RunError>(())
/// ```
#[derive(Clone)]
#[must_use = "dropping it says that the work is done"]
pub struct Hold {
    _inner: Rc<HoldInner>,
}

/// Its drop is the drop of the last clone.
struct HoldInner {
    core: Weak<Core>,
    then: Cell<Option<Call>>,
}

impl Hold {
    /// `then` is called in a later pass, once the last clone is gone.
    ///
    /// ```
    /// use reactor::{Hold, Reactor, Sim};
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// let hold = Hold::new(&reactor.handle(), |h| h.stop().unwrap());
    /// let both = (hold.clone(), hold);
    /// reactor.handle().call_soon(move |_| drop(both));
    /// reactor.run()?;
    /// # Ok::<(), reactor::RunError>(())
    /// ```
    pub fn new(reactor: &Handle, then: impl FnOnce(&Handle) + 'static) -> Hold {
        Hold::upon_drop(Rc::downgrade(&reactor.core), then)
    }

    pub(crate) fn upon_drop(core: Weak<Core>, then: impl FnOnce(&Handle) + 'static) -> Hold {
        Hold {
            _inner: Rc::new(HoldInner {
                core,
                then: Cell::new(Some(Box::new(then))),
            }),
        }
    }
}

impl Drop for HoldInner {
    fn drop(&mut self) {
        match (self.core.upgrade(), self.then.take()) {
            (Some(core), Some(then)) => Handle { core }.call_soon(then),
            (_, then) => release(then),
        }
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hold")
    }
}

/// Which of a reactor's two events a trigger belongs to.
#[derive(Clone, Copy)]
enum Event {
    Startup,
    Shutdown,
}

/// A trigger and its phase. Only what comes before an event can hold it up.
enum Trigger {
    Before(Before),
    During(Call),
    After(Call),
}

impl Handle {
    /// Calls `call` in the first turn, before anything else; the startup waits for its [`Hold`].
    /// When the reactor has started, `call` is dropped.
    pub fn before_startup(&self, call: impl FnOnce(&Handle, Hold) + 'static) {
        self.trigger(Event::Startup, Trigger::Before(Box::new(call)));
    }

    /// Calls `call` as soon as the reactor runs: in its first turn; or, when it runs already, as
    /// [`call_soon`](Handle::call_soon) does.
    pub fn when_running(&self, call: impl FnOnce(&Handle) + 'static) {
        match self.core.triggers.lifecycle.get() {
            Lifecycle::New | Lifecycle::Starting => {
                self.trigger(Event::Startup, Trigger::During(Box::new(call)));
            }
            _ => self.call_soon(call),
        }
    }

    /// Calls `call` after all that [`when_running`](Handle::when_running) asked for.
    /// When the reactor has started, `call` is dropped.
    pub fn after_startup(&self, call: impl FnOnce(&Handle) + 'static) {
        self.trigger(Event::Startup, Trigger::After(Box::new(call)));
    }

    /// Calls `call` when the shutdown begins. The reactor goes on turning until every [`Hold`] is
    /// dropped. When the shutdown has begun already, `call` is dropped.
    pub fn before_shutdown(&self, call: impl FnOnce(&Handle, Hold) + 'static) {
        self.trigger(Event::Shutdown, Trigger::Before(Box::new(call)));
    }

    /// Calls `call` when everything before the shutdown is done. Once the reactor has stopped,
    /// `call` is dropped.
    pub fn during_shutdown(&self, call: impl FnOnce(&Handle) + 'static) {
        self.trigger(Event::Shutdown, Trigger::During(Box::new(call)));
    }

    /// Calls `call` when all that was to happen during the shutdown has happened. No trigger comes
    /// after these, but the turn comes to its end: its other calls and its timers still run. Once
    /// the reactor has stopped, `call` is dropped.
    pub fn after_shutdown(&self, call: impl FnOnce(&Handle) + 'static) {
        self.trigger(Event::Shutdown, Trigger::After(Box::new(call)));
    }

    /// Adds a trigger, or drops it when its phase is over.
    fn trigger(&self, event: Event, trigger: Trigger) {
        use Lifecycle::{New, Running, Starting, Stopping};
        let triggers = &self.core.triggers;
        let lifecycle = triggers.lifecycle.get();
        // Too late is no error: a service that starts late finds nothing to wait for.
        let in_time = match (event, &trigger) {
            // The first turn takes all of these at once, so one that is added later is late.
            (Event::Startup, Trigger::Before(_)) => lifecycle == New,
            (Event::Startup, _) => matches!(lifecycle, New | Starting),
            (Event::Shutdown, Trigger::Before(_)) => matches!(lifecycle, New | Starting | Running),
            // While a shutdown is held up, its later phases are still to come.
            (Event::Shutdown, _) => matches!(lifecycle, New | Starting | Running | Stopping),
        };
        if !in_time || self.core.closed.get() {
            return release(trigger);
        }
        let queues = match event {
            Event::Startup => &triggers.startup,
            Event::Shutdown => &triggers.shutdown,
        };
        match trigger {
            Trigger::Before(call) => queues.before.borrow_mut().push_back(call),
            Trigger::During(call) => queues.during.borrow_mut().push_back(call),
            Trigger::After(call) => queues.after.borrow_mut().push_back(call),
        }
    }

    pub(crate) fn begin_startup(&self) {
        let triggers = &self.core.triggers;
        triggers.lifecycle.set(Lifecycle::Starting);
        self.begin(|triggers| &triggers.startup, Handle::finish_startup);
    }

    fn finish_startup(&self) {
        let triggers = &self.core.triggers;
        if triggers.lifecycle.get() == Lifecycle::Starting {
            triggers.lifecycle.set(Lifecycle::Running);
        }
        self.finish(&triggers.startup, Handle::finish_startup);
        if triggers.shutdown_waits.take() {
            self.begin_shutdown();
        }
    }

    pub(crate) fn begin_shutdown(&self) {
        let triggers = &self.core.triggers;
        match triggers.lifecycle.get() {
            Lifecycle::Running => {
                triggers.lifecycle.set(Lifecycle::Stopping);
                self.begin(|triggers| &triggers.shutdown, Handle::finish_shutdown);
            }
            // What is held up starts first, or something would hear of its end before its
            // beginning.
            Lifecycle::Starting => triggers.shutdown_waits.set(true),
            Lifecycle::New | Lifecycle::Stopping | Lifecycle::Stopped => {}
        }
    }

    fn finish_shutdown(&self) {
        let triggers = &self.core.triggers;
        if triggers.lifecycle.get() == Lifecycle::Stopping {
            self.finish(&triggers.shutdown, Handle::finish_shutdown);
            triggers.lifecycle.set(Lifecycle::Stopped);
            // What comes now will not be read. A thread that asks must hear that instead of
            // waiting.
            let mut panics = Panics::default();
            panics.drop_each(self.core.mailbox.close());
            panics.go_on();
        }
    }

    /// Stops now, after all shutdown triggers, and waits for no hold. What has not started yet is
    /// not started any more.
    pub(crate) fn hurry_shutdown(&self) {
        let triggers = &self.core.triggers;
        if triggers.lifecycle.get() == Lifecycle::Starting {
            triggers.lifecycle.set(Lifecycle::Running);
            let mut panics = Panics::default();
            triggers.startup.drop_all(&mut panics);
            panics.go_on();
        }
        self.begin_shutdown();
        self.finish_shutdown();
    }

    /// Calls the triggers before; `then` when the last of their holds is gone, at once if there are
    /// none.
    fn begin(&self, queues: fn(&Triggers) -> &PhaseQueues, then: fn(&Handle)) {
        if queues(&self.core.triggers).before.borrow().is_empty() {
            return then(self);
        }
        self.call_before(queues, Hold::new(self, then));
    }

    fn call_before(&self, queues: fn(&Triggers) -> &PhaseQueues, hold: Hold) {
        let before = &queues(&self.core.triggers).before;
        let held = hold.clone();
        // If a trigger panics, the next turn goes on with the rest of them.
        let _rest = guard_on_unwind(held, |held| {
            self.call_soon(move |reactor| reactor.call_before(queues, held));
        });
        while let Some(call) = pop(before) {
            call(self, hold.clone());
        }
    }

    /// Calls the triggers during and after, also those that are added meanwhile. `again` calls
    /// this.
    fn finish(&self, queues: &PhaseQueues, again: fn(&Handle)) {
        defer_on_unwind! { self.call_soon(again); }
        for list in [&queues.during, &queues.after] {
            while let Some(call) = pop(list) {
                call(self);
            }
        }
    }
}

/// Returns the next of a list, which is not borrowed any more when that is called.
fn pop<T>(list: &RefCell<VecDeque<T>>) -> Option<T> {
    list.borrow_mut().pop_front()
}
