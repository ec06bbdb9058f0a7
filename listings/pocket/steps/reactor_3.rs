//! The reactor: a queue of calls, timers, sources, and one place to wait.
use mio::{Events, Interest, Poll, Token, event};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};
use std::{io, rc::Rc};

type Call = Box<dyn FnOnce(&Handle)>;
/// The number of a timer or a source. None is given twice.
pub type Id = Token;
/// When a timer is due, and which one it is: two may be due at the same instant.
pub type Timer = (Instant, Id);

/// What is told that the socket `id` may be ready. It is told once: it goes on to `WouldBlock`.
pub trait Source {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id);
}

/// A handle, and the right to run.
pub struct Reactor(Handle);

/// The way into a reactor, for callbacks and for you.
#[derive(Clone)]
pub struct Handle {
    core: Rc<Core>,
    poll: Rc<RefCell<Poll>>,
}

#[derive(Default)]
struct Core {
    stopped: Cell<bool>,
    /// Taken whole, never drained in place: a call may add to it.
    calls: RefCell<Vec<Call>>,
    made: Cell<usize>,
    /// In order, as a heap has them, and one can be removed from the middle.
    timers: RefCell<BTreeMap<Timer, Call>>,
    /// Each an `Rc`, cloned before it is called: it may remove itself.
    sources: RefCell<HashMap<Id, Rc<dyn Source>>>,
}

impl Reactor {
    pub fn new() -> io::Result<Reactor> {
        let poll = Rc::new(RefCell::new(Poll::new()?));
        Ok(Reactor(Handle { core: Rc::default(), poll }))
    }

    pub fn handle(&self) -> Handle {
        self.0.clone()
    }

    /// Makes turn after turn until `stop` is called.
    pub fn run(&mut self) -> io::Result<()> {
        let (handle, core) = (&self.0, &self.0.core);
        let mut events = Events::with_capacity(256);
        while !core.stopped.get() {
            for call in core.calls.take() {
                call(handle);
            }
            let now = Instant::now();
            while let Some(call) = handle.due(now) {
                call(handle);
            }
            let polled = handle.poll.borrow_mut().poll(&mut events, handle.may_wait());
            match polled {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => events.iter().for_each(|event| handle.tell(event.token())),
            }
        }
        Ok(())
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

    /// Has the system watch a socket.
    pub fn adopt(&self, socket: &mut dyn event::Source) -> io::Result<Id> {
        let id = self.new_id();
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.borrow().registry().register(socket, id, both)?;
        Ok(id)
    }

    /// From now on `source` is told about the socket `id`.
    pub fn register(&self, id: Id, source: Rc<dyn Source>) {
        let _before = self.core.sources.borrow_mut().insert(id, source);
    }

    pub fn forget(&self, id: Id) {
        let _source = self.core.sources.borrow_mut().remove(&id);
    }

    pub fn tell(&self, id: Id) {
        let Some(source) = self.core.sources.borrow().get(&id).cloned() else { return };
        source.ready(self, id);
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
