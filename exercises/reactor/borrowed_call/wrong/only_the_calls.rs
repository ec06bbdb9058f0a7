//! Mends the two that call, and not the two that drop.
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

pub type Reader = Rc<dyn Fn(&Board)>;
pub type Errand = Box<dyn FnOnce(&Board)>;

/// Readers by name, each called when its name is called; and errands, each run once.
#[derive(Default)]
pub struct Board {
    readers: RefCell<BTreeMap<&'static str, Reader>>,
    errands: RefCell<VecDeque<Errand>>,
}

impl Board {
    pub fn ask_for(&self, errand: impl FnOnce(&Board) + 'static) {
        self.errands.borrow_mut().push_back(Box::new(errand));
    }

    /// Puts a reader up. One of the same name goes.
    pub fn put_up(&self, name: &'static str, reader: impl Fn(&Board) + 'static) {
        self.readers.borrow_mut().insert(name, Rc::new(reader));
    }

    pub fn take_down(&self, name: &str) {
        self.readers.borrow_mut().remove(name);
    }

    /// Calls the reader of this name, if there is one.
    pub fn call(&self, name: &str) {
        let Some(reader) = self.readers.borrow().get(name).cloned() else {
            return;
        };
        reader(self);
    }

    /// Runs the errands in the order in which they were asked for. What an errand asks for waits
    /// for the next time.
    pub fn run_errands(&self) {
        for errand in self.errands.take() {
            errand(self);
        }
    }
}
