//! Takes all that wait at once; those that are added meanwhile stay.
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
        if self.0.value.borrow().is_none() || self.0.firing.get() {
            self.0.waiting.borrow_mut().push_back(Box::new(f));
            return;
        }
        let value = self.0.value.borrow().clone();
        if let Some(value) = value {
            f(value);
        }
    }
}

impl<T: Clone + 'static> Announcer<T> {
    /// Announces the value to all that wait.
    pub fn fire(self, value: T) {
        let _before = self.0.value.replace(Some(value.clone()));
        self.0.firing.set(true);
        for listener in self.0.waiting.take() {
            listener(value.clone());
        }
        self.0.firing.set(false);
    }
}
