//! A reactor, and one way to write its turn.
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap, VecDeque},
    rc::Rc,
};

/// The number of a timer or of a source. None is given twice, and later ones are greater.
pub type Id = usize;
pub type Call = Box<dyn FnOnce(&Handle)>;

pub trait Source {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id);
}

/// The way into the loop. Its clock stands still during a turn.
#[derive(Clone, Default)]
pub struct Handle {
    core: Rc<Core>,
}

#[derive(Default)]
struct Core {
    /// In milliseconds.
    now: Cell<u64>,
    made: Cell<Id>,
    calls: RefCell<VecDeque<Call>>,
    /// By when they are due, and of those due at once, by number.
    timers: RefCell<BTreeMap<(u64, Id), Call>>,
    sources: RefCell<HashMap<Id, Rc<dyn Source>>>,
}

impl Handle {
    pub fn call_soon(&self, call: impl FnOnce(&Handle) + 'static) {
        self.core.calls.borrow_mut().push_back(Box::new(call));
    }

    /// Due in `delay` milliseconds.
    pub fn call_later(&self, delay: u64, call: impl FnOnce(&Handle) + 'static) {
        let key = (self.core.now.get() + delay, self.new_id());
        self.core.timers.borrow_mut().insert(key, Box::new(call));
    }

    pub fn register(&self, source: Rc<dyn Source>) -> Id {
        let id = self.new_id();
        let _before = self.core.sources.borrow_mut().insert(id, source);
        id
    }

    pub fn forget(&self, id: Id) {
        let _source = self.core.sources.borrow_mut().remove(&id);
    }

    fn new_id(&self) -> Id {
        self.core.made.replace(self.core.made.get() + 1)
    }

    /// One turn at the time `now`: the calls, the timers that are due, the sources with news.
    /// Returns how many milliseconds the loop may sleep then; `None` is for ever.
    pub fn turn(&self, now: u64, news: &[Id]) -> Option<u64> {
        self.core.now.set(now);
        let newest = self.core.made.get();
        let count = self.core.calls.borrow().len();
        for _ in 0..count {
            let call = self.core.calls.borrow_mut().pop_front();
            if let Some(call) = call {
                call(self);
            }
        }
        while let Some(call) = self.due(now, newest) {
            call(self);
        }
        for &id in news {
            let source = self.core.sources.borrow().get(&id).cloned();
            if let Some(source) = source {
                source.ready(self, id);
            }
        }
        if !self.core.calls.borrow().is_empty() {
            return Some(0);
        }
        let timers = self.core.timers.borrow();
        timers.keys().next().map(|(at, _)| at.saturating_sub(now))
    }
}

impl Handle {
    fn due(&self, now: u64, newest: Id) -> Option<Call> {
        let mut timers = self.core.timers.borrow_mut();
        let due = |(at, id): &&(u64, Id)| *at <= now && *id < newest;
        let key = timers.keys().find(due).copied()?;
        timers.remove(&key)
    }
}
