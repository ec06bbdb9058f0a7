//! After the callbacks: who goes on with what they began, such as tasks, and who sends what was gathered.
use crate::{Handle, Source};
use std::{cell::RefCell, collections::VecDeque, rc::Rc};

/// Who asked to be called when callbacks have run, and at the end of the turn. What the first ones write goes out with
/// the second ones.
#[derive(Default)]
pub(crate) struct Ends {
    after: RefCell<VecDeque<Rc<dyn Source>>>,
    at: RefCell<VecDeque<Rc<dyn Source>>>,
}

impl Ends {
    pub(crate) fn is_empty(&self) -> bool {
        self.after.borrow().is_empty() && self.at.borrow().is_empty()
    }

    pub(crate) fn is_borrowed(&self) -> bool {
        self.after.try_borrow_mut().is_err() || self.at.try_borrow_mut().is_err()
    }

    pub(crate) fn drop_all(&self) {
        drop(self.after.take());
        drop(self.at.take());
    }
}

impl Handle {
    /// Calls `source.callbacks_ran` once: when the calls and timers of a turn have run, or when all that was ready has been told,
    /// whichever comes first. An executor polls its tasks then: what timers have woken goes on before the wait, and
    /// what sockets have woken before anybody's [`turn_ends`](Source::turn_ends).
    pub fn after_callbacks(&self, source: Rc<dyn Source>) {
        self.add_end(&self.core.ends.after, source);
    }

    /// Calls `source.turn_ends` once, at the end of this turn.
    pub fn at_end(&self, source: Rc<dyn Source>) {
        self.add_end(&self.core.ends.at, source);
    }

    fn add_end(&self, ends: &RefCell<VecDeque<Rc<dyn Source>>>, source: Rc<dyn Source>) {
        if self.core.closed.get() {
            return drop(source);
        }
        ends.borrow_mut().push_back(source);
        self.core.changed();
    }

    /// Calls those who wait for the end of the callbacks, and gives their number.
    #[inline]
    pub(crate) fn callbacks_ran(&self, waited: bool) -> usize {
        tell(&self.core.ends.after, |source| {
            source.callbacks_ran(self, waited)
        })
    }

    /// Calls those who wait for the end of the turn, and gives their number.
    #[inline]
    pub(crate) fn end_turn(&self) -> usize {
        tell(&self.core.ends.at, |source| source.turn_ends(self))
    }
}

fn tell(ends: &RefCell<VecDeque<Rc<dyn Source>>>, tell: impl Fn(Rc<dyn Source>)) -> usize {
    // What is added meanwhile waits for the next time.
    let count = ends.borrow().len();
    for _ in 0..count {
        let source = ends.borrow_mut().pop_front();
        if let Some(source) = source {
            tell(source);
        }
    }
    count
}
