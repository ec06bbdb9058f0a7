//! The reactor: a queue of calls, timers, sources, and one place to wait.
use mio::Token;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

type Call = Box<dyn FnOnce(&Handle)>;
/// The number of a timer or a source. None is given twice.
pub type Id = Token;
/// When a timer is due, and which one it is: two may be due at the same instant.
pub type Timer = (Instant, Id);

/// A handle, and the right to run.
pub struct Reactor(Handle);

/// The way into a reactor, for callbacks and for you.
#[derive(Clone)]
pub struct Handle {
    core: Rc<Core>,
}

#[derive(Default)]
struct Core {
    stopped: Cell<bool>,
    /// Taken whole, never drained in place: a call may add to it.
    calls: RefCell<Vec<Call>>,
    made: Cell<usize>,
    /// In order, as a heap has them, and one can be removed from the middle.
    timers: RefCell<BTreeMap<Timer, Call>>,
}

impl Reactor {
    pub fn new() -> Reactor {
        Reactor(Handle { core: Rc::default() })
    }

    pub fn handle(&self) -> Handle {
        self.0.clone()
    }

    /// Makes turn after turn until `stop` is called.
    pub fn run(&mut self) {
        let (handle, core) = (&self.0, &self.0.core);
        while !core.stopped.get() {
            for call in core.calls.take() {
                call(handle);
            }
            let now = Instant::now();
            while let Some(call) = handle.due(now) {
                call(handle);
            }
            thread::sleep(handle.may_wait().unwrap_or(Duration::MAX));
        }
    }
}

impl Handle {
    pub fn stop(&self) {
        self.core.stopped.set(true);
    }

    pub fn call_soon(&self, call: impl FnOnce(&Handle) + 'static) {
        self.core.calls.borrow_mut().push(Box::new(call));
    }

    /// A delay of more than 136 years counts as 136 years.
    pub fn call_later(&self, delay: Duration, call: impl FnOnce(&Handle) + 'static) -> Timer {
        let timer = (Instant::now() + delay.min(Duration::from_secs(1 << 32)), self.new_id());
        self.core.timers.borrow_mut().insert(timer, Box::new(call));
        timer
    }

    /// Too late, or twice: does nothing.
    pub fn cancel(&self, timer: Timer) {
        let _call = self.core.timers.borrow_mut().remove(&timer);
    }

    pub fn new_id(&self) -> Id {
        Token(self.core.made.replace(self.core.made.get() + 1))
    }

    fn due(&self, now: Instant) -> Option<Call> {
        let mut timers = self.core.timers.borrow_mut();
        timers.first_entry().filter(|first| first.key().0 < now).map(|first| first.remove())
    }

    fn may_wait(&self) -> Option<Duration> {
        if self.core.stopped.get() || !self.core.calls.borrow().is_empty() {
            return Some(Duration::ZERO);
        }
        let timers = self.core.timers.borrow();
        timers.keys().next().map(|(at, _)| at.saturating_duration_since(Instant::now()))
    }
}
