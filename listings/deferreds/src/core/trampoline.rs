//! The loop that runs links and drops chains, so that neither needs a deep stack: a trampoline.
use crate::core::chain::Link;
use reactor::contain;
use scopeguard::guard;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    thread,
};

/// What was put off until the outermost chain is done.
enum Later {
    Run(Rc<dyn Link>),
    Drop(Rc<dyn Link>),
}

/// A stage that fires another Deferred runs that one's stages at once, inside itself, as in
/// Twisted. So many chains may run inside each other; the next one has to wait until the outermost
/// is done. (Twisted's recursion ends in a `RecursionError`, at about 250.)
pub(crate) const DEEPEST: u32 = 16;

/// How many places the queue of what was put off keeps when it is empty.
const KEPT: usize = 64;

thread_local! {
    /// How many chains are running, each but the first inside a stage of another.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// How many calls of `step_inside` are under way, one inside the other.
    static NESTED: Cell<u32> = const { Cell::new(0) };
    /// Whether anything was put off. A variable of its own, because a look at `LATER` costs more.
    static MORE: Cell<bool> = const { Cell::new(false) };
    static LATER: RefCell<VecDeque<Later>> = const { RefCell::new(VecDeque::new()) };
}

/// Runs it and all that follows from it, now; or later, if too many are running already.
pub(crate) fn run(first: Rc<dyn Link>) {
    if DEPTH.get() < DEEPEST {
        enter(|| steps(first.step()));
    } else {
        put_off(Later::Run(first));
    }
}

/// The same for a link whose type is known: its step needs no look-up.
#[inline]
pub(crate) fn run_known(first: Rc<impl Link + 'static>) {
    if DEPTH.get() < DEEPEST {
        enter(|| steps(first.step()));
    } else {
        put_off(Later::Run(first));
    }
}

/// Runs it now, or when the chain that is running is done. For what a drop leads to, and no call:
/// so the stack does not grow when the drop of one resolver leads to the drop of the next.
pub(crate) fn run_soon(link: Rc<dyn Link>) {
    if DEPTH.get() == 0 {
        run(link);
    } else {
        put_off(Later::Run(link));
    }
}

/// Takes a step now whose drops may lead to the next such step; later, when too many lie inside
/// each other already. The outermost takes care of what was put off.
pub(crate) fn step_inside(link: Rc<dyn Link>) {
    let outside = guard(NESTED.get(), |outside| {
        if outside == 0 && DEPTH.get() == 0 && MORE.get() {
            enter(|| ());
        }
        NESTED.set(outside);
    });
    if *outside == DEEPEST {
        return put_off(Later::Run(link));
    }
    NESTED.set(*outside + 1);
    if let Some(next) = link.step() {
        run_soon(next);
    }
}

/// Drops one reference. If it is the last, what it held is dropped by the loop.
#[inline]
pub(crate) fn let_go(link: Rc<dyn Link>) {
    if Rc::strong_count(&link) > 1 {
        drop(link);
    } else if DEPTH.get() == 0 {
        enter(|| drop(link));
    } else {
        put_off(Later::Drop(link));
    }
}

// ANCHOR: steps
#[inline]
fn steps(mut next: Option<Rc<dyn Link>>) {
    while let Some(link) = next {
        next = link.step();
    }
}
// ANCHOR_END: steps

#[cold]
fn put_off(later: Later) {
    MORE.set(true);
    // A thread that is ending has no queue any more: what it drops is dropped at once, and no stage
    // runs.
    let _ = LATER.try_with(|queue| queue.borrow_mut().push_back(later));
}

/// One more chain is running until this is dropped. A panic of a stage passes through it; what was
/// put off happens anyway. When a destructor brought us here while another panic unwinds, `enter`
/// contains it: Rust would abort.
struct Running {
    inside: u32,
}

impl Drop for Running {
    #[inline]
    fn drop(&mut self) {
        if self.inside == 0 && MORE.get() && thread::panicking() {
            drain();
        }
        DEPTH.set(self.inside);
    }
}

#[inline]
fn enter(what: impl FnOnce()) {
    let running = Running {
        inside: DEPTH.get(),
    };
    DEPTH.set(running.inside + 1);
    contain(what);
    if running.inside == 0 && MORE.get() {
        drain();
    }
}

#[cold]
fn drain() {
    while let Ok(Some(later)) = LATER.try_with(|queue| queue.borrow_mut().pop_front()) {
        contain(|| match later {
            Later::Run(link) => steps(Some(link)),
            Later::Drop(link) => drop(link),
        });
    }
    MORE.set(false);
    let _ = LATER.try_with(|queue| queue.borrow_mut().shrink_to(KEPT));
}
