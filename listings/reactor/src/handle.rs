//! The handle: what every callback is given, and the state behind it.
use crate::{
    Id, Located, Remote, StopError, Time, World,
    closing::closing,
    jobs::Waiting,
    panics::{Panics, contain, release},
    phases::PhaseQueues,
    record::Causes,
    remote::{Mailbox, RemoteCall},
    source::Registration,
    timers::Timers,
    triggers::{Lifecycle, Triggers},
};
use slab::Slab;
use std::{
    any::{Any, TypeId},
    cell::{Cell, RefCell},
    collections::VecDeque,
    error::Error,
    fmt,
    panic::Location,
    rc::Rc,
    sync::Arc,
    task::Waker,
};
use trace::{Kind, Object, Prefix};

/// A call that waits for the next turn.
pub(crate) struct QueuedCall {
    pub(crate) object: Object,
    pub(crate) call: Box<dyn FnOnce(&Handle)>,
}

/// All that a reactor owns. Each `RefCell` is borrowed for a moment, and never while anybody else's
/// code runs.
pub(crate) struct Core {
    /// Boxed, not a type parameter: `Handle` would carry it through every signature of the book.
    pub(crate) world: RefCell<Box<dyn World>>,
    pub(crate) timers: Timers,
    pub(crate) mailbox: Arc<Mailbox>,
    /// What was taken out of the mailbox. Beside it, so that no lock is held while a call runs.
    pub(crate) remote_calls: RefCell<VecDeque<RemoteCall>>,
    /// A deque and not a list that is swapped: when a call panics, the rest stays in its place.
    pub(crate) calls: RefCell<VecDeque<QueuedCall>>,
    /// At the index of the id of the socket: the world decides it and uses it again.
    pub(crate) registrations: RefCell<Vec<Registration>>,
    /// Sockets that are to be told again in the next turn; of what, their registrations know.
    pub(crate) again: RefCell<Vec<Id>>,
    pub(crate) phases: PhaseQueues,
    /// Callbacks of jobs, by the number that goes to the thread: they need not be `Send`.
    pub(crate) jobs: RefCell<Slab<Waiting>>,
    pub(crate) triggers: Triggers,
    /// Empty unless this thread is being recorded.
    pub(crate) causes: RefCell<Causes>,
    pub(crate) failure: RefCell<Option<Located>>,
    /// In the order in which they were made. A few, so looking at each is quick.
    extensions: RefCell<Vec<(TypeId, Rc<dyn Any>)>>,
    host: RefCell<Option<Waker>>,
    /// The one reading of the clock that a turn makes for itself.
    pub(crate) turn_time: Cell<Time>,
    pub(crate) turns: Cell<u64>,
    pub(crate) in_turn: Cell<bool>,
    pub(crate) closed: Cell<bool>,
}

impl Core {
    pub(crate) fn new(world: Box<dyn World>) -> Rc<Core> {
        Rc::new(Core {
            mailbox: Mailbox::new(world.waker()),
            turn_time: Cell::new(world.now()),
            world: RefCell::new(world),
            timers: Timers::default(),
            remote_calls: RefCell::default(),
            calls: RefCell::default(),
            registrations: RefCell::default(),
            again: RefCell::default(),
            phases: PhaseQueues::default(),
            jobs: RefCell::default(),
            triggers: Triggers::default(),
            causes: RefCell::default(),
            failure: RefCell::default(),
            extensions: RefCell::default(),
            host: RefCell::default(),
            turns: Cell::new(0),
            in_turn: Cell::new(false),
            closed: Cell::new(false),
        })
    }

    pub(crate) fn now(&self) -> Time {
        self.world.borrow().now()
    }

    /// There is new work. The host that turns the reactor must hear of it, unless a turn is going
    /// on.
    pub(crate) fn changed(&self) {
        if !self.in_turn.get() {
            let host = self.host.borrow().clone();
            if let Some(host) = host {
                contain(|| host.wake());
            }
        }
    }

    pub(crate) fn set_host(&self, host: Option<Waker>) {
        self.mailbox.set_host(host.clone());
        release(self.host.replace(host));
    }

    /// Returns whether there is something to do without any waiting.
    #[inline]
    pub(crate) fn has_work(&self) -> bool {
        !self.calls.borrow().is_empty()
            || !self.again.borrow().is_empty()
            || !self.phases.is_empty()
            || !self.remote_calls.borrow().is_empty()
            || self.mailbox.has_calls()
    }

    /// Runs the jobs of a world that has no threads for them, while nothing is borrowed.
    #[inline]
    pub(crate) fn run_jobs(&self) {
        loop {
            let job = self.world.borrow_mut().job();
            match job {
                Some(job) => job(),
                None => break,
            }
        }
    }

    /// Drops everything, for good, also when a destructor panics; the first panic goes on at the
    /// end. What destructors add meanwhile is dropped, too.
    pub(crate) fn close(&self, nothing: Box<dyn World>) {
        let _closing = closing();
        self.closed.set(true);
        let mut panics = Panics::default();
        panics.catch(|| self.set_host(None));
        self.timers.drop_all(&mut panics);
        panics.drop_each(self.mailbox.close());
        panics.drop_each(self.remote_calls.take());
        panics.drop_each(self.calls.take());
        panics.drop_each(self.registrations.take());
        self.again.take();
        self.phases.drop_all(&mut panics);
        panics.drop_each(self.jobs.take());
        panics.drop_each(self.failure.take());
        self.triggers.drop_all(&mut panics);
        panics.drop_each(self.extensions.take());
        let world = self.world.replace(nothing);
        panics.catch(|| drop(world));
        panics.go_on();
    }
}

/// The way to the reactor from the code that it calls. Clones are cheap and mean the same reactor.
///
/// A handle stays in its thread; [`Handle::remote`] returns what other threads can use. It owns
/// nothing: when the [`Reactor`](crate::Reactor) is dropped, a handle that is left does nothing any
/// more.
#[derive(Clone)]
pub struct Handle {
    pub(crate) core: Rc<Core>,
}

impl Handle {
    /// Reads the world's clock.
    pub fn now(&self) -> Time {
        self.core.now()
    }

    /// Returns a random number. In a simulation the seed decides it.
    pub fn random(&self) -> u64 {
        self.core.world.borrow_mut().random()
    }

    /// Calls `call` in the next pass over the queue, after those that are in it already. A call
    /// that is queued by a call from the queue runs in the next turn, so that sockets and timers
    /// get their share.
    ///
    /// ```
    /// use reactor::{Reactor, Sim};
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// reactor.handle().call_soon(|h| h.stop().unwrap());
    /// reactor.run()?;
    /// # Ok::<(), reactor::RunError>(())
    /// ```
    #[track_caller]
    pub fn call_soon(&self, call: impl FnOnce(&Handle) + 'static) {
        self.queue(call, |event| event);
    }

    #[track_caller]
    fn queue(
        &self,
        call: impl FnOnce(&Handle) + 'static,
        say: impl FnOnce(trace::Event) -> trace::Event,
    ) {
        if self.core.closed.get() {
            return release(call);
        }
        let object = trace::object(Prefix::Call);
        say(trace::event(Kind::CallQueue).of(object).here()).record();
        self.core.calls.borrow_mut().push_back(QueuedCall {
            object,
            call: Box::new(call),
        });
        self.core.changed();
    }

    /// Makes a call that was queued.
    #[inline]
    pub(crate) fn run_call(&self, QueuedCall { object, call }: QueuedCall) {
        let _span = trace::event(Kind::CallRun)
            .of(object)
            .because_of(object)
            .enter();
        call(self);
    }

    /// Makes a call that another thread asked for.
    #[inline]
    pub(crate) fn run_remote_call(&self, RemoteCall { job, callback }: RemoteCall) {
        let cause = job.map_or(Object::NONE, |job| self.record_job(job));
        let _span = trace::event(Kind::CallRun)
            .because_of(cause)
            .attr("from", || "thread")
            .enter();
        callback.call(self);
    }

    /// Returns what other threads need to call into this reactor.
    pub fn remote(&self) -> Remote {
        Remote {
            mailbox: Arc::clone(&self.core.mailbox),
        }
    }

    /// Returns the one `T` of this reactor, made when it is first asked for. It lives as long as
    /// the reactor; at its end, extensions are dropped in the order in which they were made.
    ///
    /// So a later chapter keeps its state (an executor, a pool) without a global variable.
    ///
    /// ```
    /// use reactor::{Reactor, Sim};
    /// use std::cell::Cell;
    ///
    /// #[derive(Default)]
    /// struct Visits(Cell<u32>);
    ///
    /// let reactor = Reactor::new(Sim::new(1));
    /// let handle = reactor.handle();
    /// handle.extension::<Visits>().0.set(3);
    /// assert_eq!(handle.extension::<Visits>().0.get(), 3);
    /// ```
    pub fn extension<T: Default + 'static>(&self) -> Rc<T> {
        if let Some(known) = self.known_extension() {
            return known;
        }
        let new = Rc::new(T::default());
        // It may have asked for itself while it was made.
        if let Some(known) = self.known_extension() {
            return known;
        }
        if !self.core.closed.get() {
            let mut extensions = self.core.extensions.borrow_mut();
            extensions.push((TypeId::of::<T>(), new.clone()));
        }
        new
    }

    fn known_extension<T: 'static>(&self) -> Option<Rc<T>> {
        let extensions = self.core.extensions.borrow();
        let known = extensions
            .iter()
            .find(|(key, _)| *key == TypeId::of::<T>())?;
        known.1.clone().downcast().ok()
    }

    /// Ends [`Reactor::run`](crate::Reactor::run): this turn comes to its end, then the shutdown
    /// triggers run. While the startup is held up, the shutdown waits for it, so that what was
    /// started hears of the end.
    ///
    /// # Errors
    /// [`StopError`] when it is not running yet, already stopping, or has stopped.
    #[track_caller]
    pub fn stop(&self) -> Result<(), StopError> {
        match self.core.triggers.lifecycle.get() {
            Lifecycle::New => Err(StopError::NotRunning),
            Lifecycle::Stopped => Err(StopError::Stopped),
            _ if self.core.triggers.asked.replace(true) => Err(StopError::Stopping),
            _ => {
                self.queue(Handle::begin_shutdown, |event| {
                    event.attr("name", || "stop")
                });
                Ok(())
            }
        }
    }

    /// Stops because of `error`, which [`Reactor::run`](crate::Reactor::run) then returns, with its
    /// type and the place of this call. The first one counts.
    #[track_caller]
    pub fn fail(&self, error: impl Into<Box<dyn Error + Send + Sync>>) {
        self.fail_with(Located::new(error, Some(Location::caller())));
    }

    pub(crate) fn fail_with(&self, error: Located) {
        let first = self.core.failure.borrow().is_none();
        if !first || self.core.closed.get() {
            release(error);
        } else {
            *self.core.failure.borrow_mut() = Some(error);
            // Before the first turn there is nothing to stop, and a host must hear of it.
            self.core.changed();
        }
        // It may be stopping already, or not running yet: the code that turns it looks for the
        // failure anyway.
        let _ = self.stop();
    }

    /// For tests: panics if anything of the reactor is borrowed or locked right now.
    #[doc(hidden)]
    pub fn assert_nothing_borrowed(&self) {
        let core = &self.core;
        let borrowed = [
            ("world", core.world.try_borrow_mut().is_err()),
            ("timers", core.timers.is_borrowed()),
            ("mailbox", core.mailbox.is_locked()),
            ("remote_calls", core.remote_calls.try_borrow_mut().is_err()),
            ("calls", core.calls.try_borrow_mut().is_err()),
            (
                "registrations",
                core.registrations.try_borrow_mut().is_err(),
            ),
            ("again", core.again.try_borrow_mut().is_err()),
            ("phases", core.phases.is_borrowed()),
            ("jobs", core.jobs.try_borrow_mut().is_err()),
            ("triggers", core.triggers.is_borrowed()),
            ("failure", core.failure.try_borrow_mut().is_err()),
            ("extensions", core.extensions.try_borrow_mut().is_err()),
            ("causes", core.causes.try_borrow_mut().is_err()),
            ("host", core.host.try_borrow_mut().is_err()),
        ];
        for (name, is) in borrowed {
            assert!(!is, "`{name}` is borrowed while user code runs");
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("turns", &self.core.turns.get())
            .finish()
    }
}
