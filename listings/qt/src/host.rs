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
    /// Turns that could not be made: the reactor was in the middle of one, below a dialog that one of its callbacks
    /// runs.
    pub refused: u64,
}

/// A reactor whose sockets, timers and calls run inside Qt's loop.
///
/// From a slot, use [`handle`](QtReactor::handle) as everywhere: the host hears of new work by itself. A dialog that
/// waits (`exec()` in Qt's words, [`Application::nested`] here) may run in a slot, and the reactor goes on meanwhile.
/// In a callback of the reactor it pauses the reactor, since a turn cannot begin inside a turn; use
/// [`outside`](QtReactor::outside) there.
pub struct QtReactor {
    application: Application,
    reactor: RefCell<Reactor>,
    handle: Handle,
    counts: Cell<Counts>,
    /// Why the loop was left, when it was not the window.
    ended: RefCell<Option<io::Error>>,
    limit: Cell<Duration>,
}

/// How long a shutdown may take after the last window is gone.
const LIMIT: Duration = Duration::from_secs(10);

impl QtReactor {
    /// Puts the reactor into the application's loop. It turns when [`run`](QtReactor::run) is called.
    ///
    /// # Errors
    /// [`HostError::NoDescriptor`] when the reactor's world has nothing that another loop can watch: `Sim` has not.
    // ANCHOR: new
    pub fn new(application: &Application, reactor: Reactor) -> Result<Rc<QtReactor>, HostError> {
        let descriptor = reactor.as_raw_fd().ok_or(HostError::NoDescriptor)?;
        let handle = reactor.handle();
        let host = Rc::new_cyclic(|host: &Weak<QtReactor>| {
            let qt = &application.0.qt;
            qt.watch(
                descriptor,
                calling(host, |host| host.turn(|counts| &mut counts.by_descriptor)),
            );
            qt.on_timer(calling(host, |host| {
                host.turn(|counts| &mut counts.by_timer);
            }));
            QtReactor {
                application: application.clone(),
                reactor: RefCell::new(reactor),
                handle,
                counts: Cell::default(),
                ended: RefCell::default(),
                limit: Cell::new(LIMIT),
            }
        });
        HERE.set(Rc::downgrade(&host));
        let changed = Arc::new(Changed::default());
        host.reactor.borrow_mut().on_change(Some(changed.into()));
        Ok(host)
    }
    // ANCHOR_END: new

    /// What slots and callbacks use.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// How often the reactor has turned.
    pub fn counts(&self) -> Counts {
        self.counts.get()
    }

    /// How long the reactor's shutdown may take once the windows are gone; 10 seconds unless said.
    pub fn shutdown_limit(&self, limit: Duration) {
        self.limit.set(limit);
    }

    /// Calls `call` from Qt's loop, outside of the reactor's turn: the place for a dialog that waits.
    pub fn outside(&self, call: impl FnOnce() + 'static) {
        self.application.soon(call);
    }

    /// Runs Qt's loop in place of [`Reactor::run`], until the last window is closed or the reactor is stopped. Either
    /// brings the other with it: a stopped reactor ends the loop, and after the loop the reactor is stopped, with its
    /// shutdown triggers.
    ///
    /// # Errors
    /// What the reactor failed with; [`HostError::Late`] when its shutdown took longer than the limit.
    ///
    /// # Panics
    /// With the panic of a slot or a callback, when the loop has ended.
    pub fn run(&self) -> Result<(), HostError> {
        if self.reactor.borrow().has_stopped() {
            return Err(HostError::Run(RunError::NotRestartable));
        }
        self.turn(|counts| &mut counts.by_change); // startup triggers, and what was asked for before
        if !self.over() {
            self.application.run();
        }
        if let Some(error) = self.ended.take() {
            return Err(HostError::Run(RunError::from(error)));
        }
        self.stop()
    }

    /// After the loop: the rest of the reactor's shutdown, which waits for nobody longer than the limit.
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
    fn over(&self) -> bool {
        self.ended.borrow().is_some() || self.reactor.borrow().has_stopped()
    }

    fn count(&self, which: impl FnOnce(&mut Counts) -> &mut u64) {
        let mut counts = self.counts.get();
        *which(&mut counts) += 1;
        self.counts.set(counts);
    }

    /// There is new work. A timer needs no turn before it is due, only Qt's timer.
    fn changed(&self) {
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
    /// One turn that does not wait, and then the timer for the next.
    fn turn(&self, why: impl FnOnce(&mut Counts) -> &mut u64) {
        let qt = &self.application.0.qt;
        let Ok(mut reactor) = self.reactor.try_borrow_mut() else {
            // A callback runs a loop of its own. What is due stays due, and is done in the next turn.
            self.count(|counts| &mut counts.refused);
            return;
        };
        if reactor.has_stopped() {
            return;
        }
        self.count(why);
        // Readable is a level: a loop below a callback would find the descriptor readable again and again.
        qt.enable_watch(false);
        let _again = Watching(&self.application);
        match reactor.turn(Some(Duration::ZERO)) {
            Ok(0) => self.count(|counts| &mut counts.empty),
            Ok(_) => {}
            Err(error) => {
                self.ended.replace(Some(error));
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

/// Watches again when it is dropped, also when a callback panics.
struct Watching<'a>(&'a Application);

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.0.0.qt.enable_watch(true);
    }
}

/// Whole milliseconds until then, rounded up: a timer that is early is a turn for nothing. −1 for never.
fn milliseconds(deadline: Option<Time>, now: Time) -> i32 {
    deadline.map_or(-1, |deadline| {
        let left = (deadline - now).as_nanos().div_ceil(1_000_000);
        i32::try_from(left).unwrap_or(i32::MAX) // in 24 days it is armed again
    })
}

/// A slot holds the host weakly: the host holds the application, and the application its slots.
fn calling(host: &Weak<QtReactor>, call: impl Fn(&QtReactor) + 'static) -> Box<Callback> {
    let host = Weak::clone(host);
    Callback::new(move || {
        if let Some(host) = host.upgrade() {
            call(&host);
        }
    })
}

thread_local! {
    /// The host of this thread, for a call that came through another one.
    static HERE: RefCell<Weak<QtReactor>> = const { RefCell::new(Weak::new()) };
}

/// Hears that the reactor has new work, from any thread, and asks Qt's loop for one turn, however often it hears it.
#[derive(Default)]
struct Changed {
    asked: AtomicBool,
}

impl Wake for Changed {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.asked.swap(true, Ordering::AcqRel) {
            return;
        }
        let asked = Arc::clone(self);
        post(move || {
            asked.asked.store(false, Ordering::Release);
            if let Some(host) = HERE.with_borrow(Weak::upgrade) {
                host.changed();
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
