//! The end of a turn: who polls tasks then, and who sends what was gathered.
use crate::{Handle, Source};
use std::{cell::RefCell, collections::VecDeque, rc::Rc};

/// Who asked for the end of the turn. First those who go on with what they were told, then those who only send: so what
/// the first ones write goes out at the end of this turn, not of the next.
#[derive(Default)]
pub(crate) struct Ends {
    before: RefCell<VecDeque<Rc<dyn Source>>>,
    at: RefCell<VecDeque<Rc<dyn Source>>>,
}

impl Ends {
    pub(crate) fn is_empty(&self) -> bool {
        self.before.borrow().is_empty() && self.at.borrow().is_empty()
    }

    pub(crate) fn is_borrowed(&self) -> bool {
        self.before.try_borrow_mut().is_err() || self.at.try_borrow_mut().is_err()
    }

    pub(crate) fn drop_all(&self) {
        drop(self.before.take());
        drop(self.at.take());
    }
}

impl Handle {
    /// Calls `source.all_told` once in this turn: after all that was ready has been told, and before anybody's
    /// [`turn_ends`](Source::turn_ends). An executor polls its tasks then.
    pub fn before_end(&self, source: Rc<dyn Source>) {
        self.add_end(&self.core.ends.before, source);
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

    /// Tells them, and gives their number.
    pub(crate) fn end_turn(&self) -> usize {
        let ends = &self.core.ends;
        let told = self.tell(&ends.before, |source| source.all_told(self));
        told + self.tell(&ends.at, |source| source.turn_ends(self))
    }

    fn tell(
        &self,
        ends: &RefCell<VecDeque<Rc<dyn Source>>>,
        tell: impl Fn(Rc<dyn Source>),
    ) -> usize {
        // What is added meanwhile waits for the next turn.
        let count = ends.borrow().len();
        for _ in 0..count {
            let source = ends.borrow_mut().pop_front();
            if let Some(source) = source {
                tell(source);
            }
        }
        count
    }
}
