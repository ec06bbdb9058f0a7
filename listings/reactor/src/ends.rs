//! After the callbacks: who goes on with what they began, such as tasks, and who sends what was gathered.
use crate::Handle;
use std::{cell::RefCell, collections::VecDeque, rc::Rc};

/// Hears of two phases of a turn, each time it asks for one: with [`Handle::after_callbacks`] or [`Handle::at_end`].
///
/// For what is no socket and still has its place in the turn: an executor that polls tasks, a buffer that is sent.
///
/// ```
/// use reactor::{Handle, Phases, Reactor, Sim};
/// use std::{cell::Cell, rc::Rc};
///
/// #[derive(Default)]
/// struct Gathered(Cell<u32>);
///
/// impl Phases for Gathered {
///     fn turn_ends(self: Rc<Self>, reactor: &Handle) {
///         assert_eq!(self.0.get(), 2);
///         reactor.stop().unwrap();
///     }
/// }
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let gathered = Rc::<Gathered>::default();
/// for _ in 0..2 {
///     let gathered = Rc::clone(&gathered);
///     reactor.handle().call_soon(move |reactor| {
///         if gathered.0.replace(gathered.0.get() + 1) == 0 {
///             reactor.at_end(gathered); // the first of a turn asks, for all
///         }
///     });
/// }
/// reactor.run()?;
/// # Ok::<(), reactor::RunError>(())
/// ```
pub trait Phases {
    /// Callbacks have run; called once after each [`Handle::after_callbacks`]. The moment to poll tasks. `waited` says
    /// whether this turn's wait is over.
    fn callbacks_ran(self: Rc<Self>, reactor: &Handle, waited: bool) {
        let _ = (reactor, waited);
    }

    /// The turn ends; called once after each [`Handle::at_end`]. A good moment to send what was gathered.
    fn turn_ends(self: Rc<Self>, reactor: &Handle) {
        let _ = reactor;
    }
}

/// Who asked to be called when callbacks have run, and at the end of the turn. What the first ones write goes out with
/// the second ones.
#[derive(Default)]
pub(crate) struct Ends {
    after: RefCell<VecDeque<Rc<dyn Phases>>>,
    at: RefCell<VecDeque<Rc<dyn Phases>>>,
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
    /// Calls `phases.callbacks_ran` once: when the calls and timers of a turn have run, or when all that was ready has been told,
    /// whichever comes first. An executor polls its tasks then: what timers have woken goes on before the wait, and
    /// what sockets have woken before anybody's [`turn_ends`](Phases::turn_ends).
    pub fn after_callbacks(&self, phases: Rc<dyn Phases>) {
        self.add_end(&self.core.ends.after, phases);
    }

    /// Calls `phases.turn_ends` once, at the end of this turn.
    pub fn at_end(&self, phases: Rc<dyn Phases>) {
        self.add_end(&self.core.ends.at, phases);
    }

    fn add_end(&self, ends: &RefCell<VecDeque<Rc<dyn Phases>>>, phases: Rc<dyn Phases>) {
        if self.core.closed.get() {
            return drop(phases);
        }
        ends.borrow_mut().push_back(phases);
        self.core.changed();
    }

    /// Calls those who wait for the end of the callbacks, and gives their number.
    #[inline]
    pub(crate) fn callbacks_ran(&self, waited: bool) -> usize {
        tell(&self.core.ends.after, |phases| {
            phases.callbacks_ran(self, waited)
        })
    }

    /// Calls those who wait for the end of the turn, and gives their number.
    #[inline]
    pub(crate) fn end_turn(&self) -> usize {
        tell(&self.core.ends.at, |phases| phases.turn_ends(self))
    }
}

fn tell(ends: &RefCell<VecDeque<Rc<dyn Phases>>>, tell: impl Fn(Rc<dyn Phases>)) -> usize {
    // What is added meanwhile waits for the next time.
    let count = ends.borrow().len();
    for _ in 0..count {
        let phases = ends.borrow_mut().pop_front();
        if let Some(phases) = phases {
            tell(phases);
        }
    }
    count
}
