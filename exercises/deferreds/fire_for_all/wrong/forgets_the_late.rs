//! Only those that wait are called.
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

pub type Listener<T> = Box<dyn FnOnce(T)>;

/// The end that fires.
pub struct Announcer<T>(Rc<Shared<T>>);

/// The end that listens. It may be cloned: many may wait for the same value.
#[derive(Clone)]
pub struct Notice<T>(Rc<Shared<T>>);

struct Shared<T> {
    /// What was announced; none before.
    value: RefCell<Option<T>>,
    /// Listeners that have not been called yet, in the order in which they came.
    waiting: RefCell<VecDeque<Listener<T>>>,
    /// Whether listeners are being called.
    firing: Cell<bool>,
}

impl<T: Clone + 'static> Notice<T> {
    pub fn new() -> (Announcer<T>, Notice<T>) {
        let shared = Rc::new(Shared {
            value: RefCell::new(None),
            waiting: RefCell::default(),
            firing: Cell::new(false),
        });
        (Announcer(shared.clone()), Notice(shared))
    }

    /// Calls `f` with the value: now if it has been announced, else when it is.
    pub fn on_value(&self, f: impl FnOnce(T) + 'static) {
        self.0.waiting.borrow_mut().push_back(Box::new(f));
    }
}

impl<T: Clone + 'static> Announcer<T> {
    /// Announces the value to all that wait.
    pub fn fire(self, value: T) {
        let _before = self.0.value.replace(Some(value));
        self.0.call_all();
    }
}

impl<T: Clone> Shared<T> {
    fn call_all(&self) {
        if self.firing.replace(true) {
            return; // the call that is under way will come to it
        }
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            let value = self.value.borrow().clone();
            let (Some(listener), Some(value)) = (next, value) else {
                break;
            };
            listener(value);
        }
        self.firing.set(false);
    }
}
