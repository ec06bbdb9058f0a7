//! Tasks that await each other in a long line: cancelled or dropped, they need no deep stack.
use coroutines::spawn;
use deferreds::{Abandoned, Cancelled, Deferred, Failure};
use reactor::{Handle, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    thread,
    time::Duration,
};

const TASKS: u32 = 100_000;

/// Runs `f` in a thread with a small stack: a recursion over the tasks would end the process.
fn small_stack(f: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(64 * 1024).spawn(f);
    let end = thread.expect("a thread").join();
    assert!(end.is_ok(), "it panicked");
}

/// Counts its drops, and may panic in one.
struct Counted(Rc<Cell<u32>>, bool);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
        if self.1 {
            panic!("a bug in a destructor");
        }
    }
}

/// So many tasks, made from the last to the first; each but the last awaits the next. `panics`
/// names one whose destructor does.
fn line(h: &Handle, tasks: u32, drops: &Rc<Cell<u32>>, panics: Option<u32>) -> Deferred<()> {
    let held = |n| Counted(drops.clone(), panics == Some(n));
    let last = held(tasks);
    let mut next = spawn(h, async move {
        let _last = last;
        pending::<Result<(), Failure>>().await
    });
    for n in (1..tasks).rev() {
        let held = held(n);
        next = spawn(h, async move {
            let _held = held;
            next.await
        });
    }
    next
}

/// Polls all of them once.
fn begin(reactor: &mut Reactor, tasks: u32) {
    for _ in 0..=tasks / 61 {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
}

#[test]
fn cancelling_the_first_of_a_long_line_drops_all() {
    small_stack(|| {
        let mut reactor = Reactor::new(Sim::new(1));
        let drops = Rc::default();
        let first = line(&reactor.handle(), TASKS, &drops, None);
        begin(&mut reactor, TASKS);
        assert_eq!(drops.get(), 0);
        first.canceller().cancel();
        assert_eq!(drops.get(), TASKS);
        let failure = first.into_result().unwrap().unwrap_err();
        assert!(failure.check::<Cancelled>().is_some());
    });
}

#[test]
fn dropping_the_reactor_drops_a_long_line() {
    small_stack(|| {
        let mut reactor = Reactor::new(Sim::new(1));
        let drops = Rc::default();
        let first = line(&reactor.handle(), TASKS, &drops, None);
        begin(&mut reactor, TASKS);
        drop(reactor);
        assert_eq!(drops.get(), TASKS);
        let failure = first.into_result().unwrap().unwrap_err();
        assert!(failure.check::<Abandoned>().is_some());
    });
}

#[test]
fn a_panic_deep_in_the_line_leaves_nobody_behind() {
    for panics in [1, 10, 16, 17, 18, 40, 100] {
        let mut reactor = Reactor::new(Sim::new(1));
        let h = reactor.handle();
        let drops = Rc::default();
        let first = line(&h, 100, &drops, Some(panics));
        begin(&mut reactor, 100);
        let canceller = first.canceller();
        catch_unwind(AssertUnwindSafe(|| canceller.cancel())).unwrap_err();
        assert_eq!(drops.get(), 100, "the destructor of task {panics} panics");
        assert!(first.into_result().unwrap().is_err());
        // And the next line is cancelled as well as this one.
        let again = line(&h, 100, &drops, None);
        begin(&mut reactor, 100);
        again.canceller().cancel();
        assert_eq!(drops.get(), 200);
        drop(again.add_errback(|_| Ok(())));
    }
}

#[test]
fn a_short_line_is_dropped_from_the_inside() {
    struct Notes(Rc<RefCell<Vec<u32>>>, u32);
    impl Drop for Notes {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let order = Rc::new(RefCell::new(Vec::new()));
    let mut next = Deferred::<()>::new().1;
    for n in (0..5).rev() {
        let notes = Notes(order.clone(), n);
        next = spawn(&h, async move {
            let _notes = notes;
            next.await
        });
    }
    begin(&mut reactor, 5);
    next.canceller().cancel();
    // What a future awaits is gone before its own variables are.
    assert_eq!(*order.borrow(), [4, 3, 2, 1, 0]);
    drop(next.add_errback(|_| Ok(())));
}
