//! After the callbacks: code that goes on with what they began, such as tasks, and code that sends
//! what was gathered.
use crate::{
    Handle,
    handle::QueuedCall,
    panics::{Panics, release, released},
};
use std::{cell::RefCell, collections::VecDeque, rc::Rc};
use trace::{Kind, Prefix};

/// So often the last turn looks for something more that has ended.
const LAST_ROUNDS: usize = 1_000;

/// Hears of two phases of a turn, each time it asks for one: with [`Handle::after_callbacks`] or
/// [`Handle::at_end`].
///
/// For what is no socket and still has its place in the turn: an executor that polls tasks, a
/// buffer that is sent.
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
    /// Callbacks have run; called once after each [`Handle::after_callbacks`]. The moment to poll
    /// tasks. `waited` says whether this turn's wait is over.
    fn callbacks_ran(self: Rc<Self>, reactor: &Handle, waited: bool) {
        let _ = (reactor, waited);
    }

    /// The turn ends; called once after each [`Handle::at_end`]. A good moment to send what was
    /// gathered.
    fn turn_ends(self: Rc<Self>, reactor: &Handle) {
        let _ = reactor;
    }
}

/// Who asked to be called when callbacks have run, and at the end of the turn. What the first ones
/// write goes out with the second ones.
#[derive(Default)]
pub(crate) struct PhaseQueues {
    /// Something has ended, such as a looping call, and this hears of it.
    done: RefCell<VecDeque<QueuedCall>>,
    after_callbacks: RefCell<VecDeque<Rc<dyn Phases>>>,
    at_end: RefCell<VecDeque<Rc<dyn Phases>>>,
}

impl PhaseQueues {
    pub(crate) fn is_empty(&self) -> bool {
        self.done.borrow().is_empty()
            && self.after_callbacks.borrow().is_empty()
            && self.at_end.borrow().is_empty()
    }

    pub(crate) fn is_borrowed(&self) -> bool {
        self.done.try_borrow_mut().is_err()
            || self.after_callbacks.try_borrow_mut().is_err()
            || self.at_end.try_borrow_mut().is_err()
    }

    pub(crate) fn drop_all(&self, panics: &mut Panics) {
        panics.drop_each(self.done.take());
        panics.drop_each(self.after_callbacks.take());
        panics.drop_each(self.at_end.take());
    }
}

impl Handle {
    /// Calls `phases.callbacks_ran` once: when the calls and timers of a turn have run, or when all
    /// that was ready has been told, whichever comes first. An executor polls its tasks then: what
    /// timers have woken goes on before the wait, and what sockets have woken before anybody's
    /// [`turn_ends`](Phases::turn_ends).
    pub fn after_callbacks(&self, phases: Rc<dyn Phases>) {
        self.queue_phases(&self.core.phases.after_callbacks, phases);
    }

    /// Calls `phases.turn_ends` once, at the end of this turn.
    pub fn at_end(&self, phases: Rc<dyn Phases>) {
        self.queue_phases(&self.core.phases.at_end, phases);
    }

    fn queue_phases(&self, queue: &RefCell<VecDeque<Rc<dyn Phases>>>, phases: Rc<dyn Phases>) {
        if self.core.closed.get() {
            return release(phases);
        }
        queue.borrow_mut().push_back(phases);
        self.core.changed();
    }

    /// Something has ended, and `done` hears of it in this turn, when its callbacks have run: so
    /// also when the turn is the last. It never runs inside the callback that ended it.
    #[track_caller]
    pub(crate) fn call_when_done(&self, done: impl FnOnce(&Handle) + 'static) {
        if self.core.closed.get() {
            return release(done);
        }
        let object = trace::object(Prefix::Call);
        trace::event(Kind::CallQueue).of(object).here().record();
        let call = Box::new(done);
        self.core
            .phases
            .done
            .borrow_mut()
            .push_back(QueuedCall { object, call });
        self.core.changed();
    }

    /// Tells what has ended, and then those that wait for the end of the callbacks. Returns their
    /// number.
    #[inline]
    pub(crate) fn callbacks_ran(&self, waited: bool) -> usize {
        let done = drain_round(&self.core.phases.done, |call| self.run_call(call));
        let after = drain_round(&self.core.phases.after_callbacks, |phases| {
            keeping(phases, |phases| phases.callbacks_ran(self, waited));
        });
        done + after
    }

    /// Calls those that wait for the end of the turn, and returns their number.
    #[inline]
    pub(crate) fn end_turn(&self) -> usize {
        drain_round(&self.core.phases.at_end, |phases| {
            keeping(phases, |phases| phases.turn_ends(self));
        })
    }

    /// No turn comes after this one, so what ended last is told now: until nothing is left, or
    /// until it is clear that it goes on for ever.
    pub(crate) fn tell_the_last(&self) -> usize {
        let mut told = 0;
        for _ in 0..LAST_ROUNDS {
            if self.core.phases.done.borrow().is_empty() {
                break;
            }
            told += self.callbacks_ran(false) + self.end_turn();
        }
        told
    }
}

/// Calls `tell` with each that is there. What is added meanwhile waits for the next time.
#[inline]
fn drain_round<T>(queue: &RefCell<VecDeque<T>>, tell: impl Fn(T)) -> usize {
    let count = queue.borrow().len();
    for _ in 0..count {
        let next = queue.borrow_mut().pop_front();
        if let Some(next) = next {
            tell(next);
        }
    }
    count
}

/// Calls a method that consumes an `Rc`. If that panics, a destructor that panics, too, must not
/// abort the process: so the last owner is not the one that unwinds.
#[inline]
pub(crate) fn keeping<T: ?Sized>(owner: Rc<T>, call: impl FnOnce(Rc<T>)) {
    let _kept = released(Rc::clone(&owner));
    call(owner);
}
