//! The loop that runs stages and drops chains, so that neither needs a deep stack.
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    thread,
};

/// Anything that a chain is made of.
pub(crate) trait Part {}

/// A part that has its input. It runs, and names the part that has its input now.
pub(crate) trait Step: Part {
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>>;
}

enum Later {
    Step(Rc<dyn Step>),
    Drop(Rc<dyn Part>),
}

struct Drive {
    busy: Cell<bool>,
    later: RefCell<VecDeque<Later>>,
}

thread_local! {
    static DRIVE: Drive = const {
        Drive { busy: Cell::new(false), later: RefCell::new(VecDeque::new()) }
    };
}

/// Runs it and all that follows from it, now.
#[inline]
pub(crate) fn run(first: Rc<dyn Step>) {
    if DRIVE.try_with(|d| d.busy.get()).unwrap_or(true) {
        steps(first);
    } else {
        enter(|| steps(first));
    }
}

/// Runs it now, or when the part that is running is done. For what nobody called: so the stack does not grow when the
/// drop of one resolver leads to the drop of the next.
pub(crate) fn run_soon(step: Rc<dyn Step>) {
    if let Some(Later::Step(step)) = postpone(Later::Step(step)) {
        run(step);
    }
}

/// Drops one reference. If it is the last, what it held is dropped by the loop.
#[inline]
pub(crate) fn let_go(part: Rc<dyn Part>) {
    if Rc::strong_count(&part) > 1 {
        return drop(part);
    }
    if let Some(part) = postpone(Later::Drop(part)) {
        enter(|| drop(part));
    }
}

fn steps(first: Rc<dyn Step>) {
    let mut next = Some(first);
    while let Some(part) = next {
        next = part.step();
    }
}

/// Puts it off if the loop is running, else gives it back.
fn postpone(later: Later) -> Option<Later> {
    let mut later = Some(later);
    let _ = DRIVE.try_with(|d| {
        if d.busy.get()
            && let Some(later) = later.take()
        {
            d.later.borrow_mut().push_back(later);
        }
    });
    later
}

/// The loop is running until this is dropped. A panic of a stage passes through it; what was put off happens anyway.
struct Busy;

impl Drop for Busy {
    fn drop(&mut self) {
        if thread::panicking() {
            drain();
        }
        let _ = DRIVE.try_with(|d| d.busy.set(false));
    }
}

fn enter(what: impl FnOnce()) {
    let _ = DRIVE.try_with(|d| d.busy.set(true));
    let _busy = Busy;
    what();
    drain();
}

fn drain() {
    while let Ok(Some(later)) = DRIVE.try_with(|d| d.later.borrow_mut().pop_front()) {
        match later {
            Later::Step(step) => steps(step),
            Later::Drop(part) => drop(part),
        }
    }
}
