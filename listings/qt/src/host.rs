//! The host: Qt's loop turns the reactor.
use crate::{
    Application,
    border::{Callback, post},
};
use reactor::{Handle, Reactor, RunError, Time};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt, io,
    rc::{Rc, Weak},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Wake,
    time::Duration,
};

/// How often the reactor turned, and because of what. An idle window turns never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Turns because the descriptor was readable.
    pub by_descriptor: u64,
    /// Turns because a deadline had come.
    pub by_timer: u64,
    /// Turns because a slot, or another thread, asked the reactor for something.
    pub by_change: u64,
    /// How many of all of these ran no callback.
    pub empty: u64,
    /// Turns that could not be made: the reactor was in the middle of one, below a dialog that one
    /// of its callbacks runs.
    pub refused: u64,
}

/// A reactor whose sockets, timers and calls run inside Qt's loop.
///
/// From a slot, use [`handle`](QtReactor::handle) as everywhere: the host hears of new work by
/// itself. A dialog that waits (`exec()` in Qt's words, [`Application::nested`] here) may run in a
/// slot, and the reactor goes on meanwhile. In a callback of the reactor it pauses the reactor,
/// since a turn cannot begin inside a turn; use [`outside`](QtReactor::outside) there.
pub struct QtReactor {
    application: Application,
    reactor: RefCell<Reactor>,
    handle: Handle,
    counts: Cell<Counts>,
    /// Why the reactor ended the loop, if it failed.
    loop_error: RefCell<Option<io::Error>>,
    limit: Cell<Duration>,
}

/// How long a shutdown may take after the last window is gone.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(10);

impl QtReactor {
    /// Puts the reactor into the application's loop. It turns when [`run`](QtReactor::run) is
    /// called.
    ///
    /// # Errors
    /// [`HostError::NoDescriptor`] when the reactor's world has nothing that another loop can
    /// watch: `Sim` has not.
    // ANCHOR: new
    pub fn new(application: &Application, reactor: Reactor) -> Result<Rc<QtReactor>, HostError> {
        let descriptor = reactor.as_raw_fd().ok_or(HostError::NoDescriptor)?;
        let handle = reactor.handle();
        let host = Rc::new_cyclic(|host: &Weak<QtReactor>| {
            let qt = &application.0.qt;
            // The slots need the host, and the host is not there before this closure has returned.
            qt.watch(
                descriptor,
                host_callback(host, |host| host.turn(|counts| &mut counts.by_descriptor)),
            );
            qt.on_timer(host_callback(host, |host| {
                host.turn(|counts| &mut counts.by_timer);
            }));
            QtReactor {
                application: application.clone(),
                reactor: RefCell::new(reactor),
                handle,
                counts: Cell::default(),
                loop_error: RefCell::default(),
                limit: Cell::new(SHUTDOWN_LIMIT),
            }
        });
        // Last, because from now on the reactor wakes it for each change.
        CURRENT_HOST.set(Rc::downgrade(&host));
        let changed = Arc::new(ChangeWaker::default());
        host.reactor.borrow_mut().on_change(Some(changed.into()));
        Ok(host)
    }
    // ANCHOR_END: new

    /// Returns the handle that slots and callbacks use.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Returns how often the reactor has turned.
    pub fn counts(&self) -> Counts {
        self.counts.get()
    }

    /// Sets how long the reactor's shutdown may take once the windows are gone; 10 seconds unless
    /// set.
    pub fn shutdown_limit(&self, limit: Duration) {
        self.limit.set(limit);
    }

    /// Calls `call` from Qt's loop, outside of the reactor's turn: the place for a dialog that
    /// waits.
    pub fn outside(&self, call: impl FnOnce() + 'static) {
        self.application.call_soon(call);
    }

    /// Runs Qt's loop in place of [`Reactor::run`], until the last window is closed or the reactor
    /// is stopped. Either brings the other with it: a stopped reactor ends the loop, and after the
    /// loop the reactor is stopped, with its shutdown triggers.
    ///
    /// # Errors
    /// What the reactor failed with; [`HostError::Late`] when its shutdown took longer than the
    /// limit.
    ///
    /// # Panics
    /// With the panic of a slot or a callback, when the loop has ended.
    pub fn run(&self) -> Result<(), HostError> {
        if self.reactor.borrow().has_stopped() {
            return Err(HostError::Run(RunError::NotRestartable));
        }
        self.turn(|counts| &mut counts.by_change); // startup triggers, and what was asked for before
        if !self.has_ended() {
            self.application.run();
        }
        if let Some(error) = self.loop_error.take() {
            return Err(HostError::Run(RunError::from(error)));
        }
        self.stop()
    }

    /// Does the rest of the reactor's shutdown after the loop, within the limit.
    fn stop(&self) -> Result<(), HostError> {
        let mut reactor = self.reactor.borrow_mut();
        let end = self.handle.now() + self.limit.get();
        if !reactor.has_stopped() {
            let _ = self.handle.stop(); // an error when it is stopping already
        }
        while !reactor.has_stopped() {
            let left = end - self.handle.now(); // zero when it has passed
            if left == Duration::ZERO {
                return Err(HostError::Late(self.limit.get()));
            }
            reactor
                .turn(Some(left))
                .map_err(|error| HostError::Run(RunError::from(error)))?;
        }
        reactor
            .take_failure()
            .map_or(Ok(()), |failure| Err(HostError::Run(failure)))
    }

    /// Whether there is nothing left to run the loop for.
    fn has_ended(&self) -> bool {
        self.loop_error.borrow().is_some() || self.reactor.borrow().has_stopped()
    }

    /// Adds one to a count.
    fn count(&self, which: impl FnOnce(&mut Counts) -> &mut u64) {
        let mut counts = self.counts.get();
        *which(&mut counts) += 1;
        self.counts.set(counts);
    }

    /// Turns the reactor when new work is due. A timer needs no turn before it is due, only Qt's
    /// timer.
    fn look_at_deadline(&self) {
        let now = self.handle.now();
        let deadline = match self.reactor.try_borrow() {
            Ok(reactor) if !reactor.has_stopped() => reactor.next_deadline(),
            _ => return, // the turn that is going on looks at the deadline when it ends
        };
        if deadline.is_some_and(|deadline| deadline <= now) {
            self.turn(|counts| &mut counts.by_change);
        } else {
            self.application.0.qt.arm_timer(milliseconds(deadline, now));
        }
    }

    // ANCHOR: turn
    /// Makes one turn that does not wait, and then sets the timer for the next.
    fn turn(&self, why: impl FnOnce(&mut Counts) -> &mut u64) {
        let qt = &self.application.0.qt;
        let Ok(mut reactor) = self.reactor.try_borrow_mut() else {
            // A callback runs a loop of its own. What is due stays due, and is done in the next
            // turn.
            self.count(|counts| &mut counts.refused);
            return;
        };
        if reactor.has_stopped() {
            return;
        }
        self.count(why);
        // Readable is a level: a loop below a callback would find the descriptor readable again and
        // again.
        qt.enable_watch(false);
        let _guard = WatchGuard(&self.application);
        match reactor.turn(Some(Duration::ZERO)) {
            Ok(0) => self.count(|counts| &mut counts.empty),
            Ok(_) => {}
            Err(error) => {
                self.loop_error.replace(Some(error));
                qt.quit();
                return;
            }
        }
        if reactor.has_stopped() {
            qt.quit();
        } else {
            qt.arm_timer(milliseconds(reactor.next_deadline(), self.handle.now()));
        }
    }
    // ANCHOR_END: turn
}

/// Enables the watch again when it is dropped, also when a callback panics.
struct WatchGuard<'a>(&'a Application);

impl Drop for WatchGuard<'_> {
    fn drop(&mut self) {
        self.0.0.qt.enable_watch(true);
    }
}

/// Returns whole milliseconds until then, rounded up: a timer that is early is a turn for nothing.
/// −1 is never.
fn milliseconds(deadline: Option<Time>, now: Time) -> i32 {
    deadline.map_or(-1, |deadline| {
        let left = (deadline - now).as_nanos().div_ceil(1_000_000);
        i32::try_from(left).unwrap_or(i32::MAX) // in 24 days it is armed again
    })
}

/// Returns a callback that calls the host. It holds the host weakly: the host holds the
/// application, and the application its slots.
fn host_callback(host: &Weak<QtReactor>, call: impl Fn(&QtReactor) + 'static) -> Box<Callback> {
    let host = Weak::clone(host);
    Callback::new(move || {
        if let Some(host) = host.upgrade() {
            call(&host);
        }
    })
}

thread_local! {
    /// The host of this thread, for a call that came through another one.
    static CURRENT_HOST: RefCell<Weak<QtReactor>> = const { RefCell::new(Weak::new()) };
}

/// Hears that the reactor has new work, from any thread, and asks Qt's loop for one turn, however
/// often it hears it.
#[derive(Default)]
struct ChangeWaker {
    posted: AtomicBool,
}

impl Wake for ChangeWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.posted.swap(true, Ordering::AcqRel) {
            return;
        }
        let waker = Arc::clone(self);
        post(move || {
            waker.posted.store(false, Ordering::Release);
            if let Some(host) = CURRENT_HOST.with_borrow(Weak::upgrade) {
                host.look_at_deadline();
            }
        });
    }
}

/// Why a host cannot run, or ended badly.
#[derive(Debug)]
#[non_exhaustive]
pub enum HostError {
    /// The reactor's world has no descriptor that Qt's loop could watch.
    NoDescriptor,
    /// The reactor failed.
    Run(RunError),
    /// The windows are gone, and the reactor's shutdown took longer than this.
    Late(Duration),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostError::NoDescriptor => f.write_str(
                "this reactor's world has no descriptor for Qt's loop to watch: make it with `Reactor::new(Os::new()?)`",
            ),
            HostError::Run(error) => error.fmt(f),
            HostError::Late(limit) => write!(
                f,
                "the windows are closed, and after {limit:?} the reactor's shutdown was not over: what does a \
                 `before_shutdown` wait for?"
            ),
        }
    }
}

impl Error for HostError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            HostError::Run(error) => error.source(),
            HostError::NoDescriptor | HostError::Late(_) => None,
        }
    }
}
