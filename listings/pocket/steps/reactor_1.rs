//! The reactor: a queue of calls, timers, sources, and one place to wait.
use std::cell::{Cell, RefCell};
use std::rc::Rc;

type Call = Box<dyn FnOnce(&Handle)>;

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
}
