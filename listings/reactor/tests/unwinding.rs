//! Destructors that panic: all the rest is dropped, in its order, and a second panic never aborts
//! the process.
use reactor::{
    Address, Ended, Handle, Hold, Id, LoopingCall, Message, Phases, Reactor, Readiness, Ready, Sim,
    Source,
};
use std::{
    cell::RefCell,
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Wake,
    time::Duration,
};

const HOUR: Duration = Duration::from_secs(3600);

/// Panics when it is dropped; counts itself while it lives.
#[derive(Debug)]
struct Bomb(Arc<AtomicU32>);

fn bomb(alive: &Arc<AtomicU32>) -> Bomb {
    alive.fetch_add(1, Ordering::SeqCst);
    Bomb(Arc::clone(alive))
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
        panic_any("a destructor");
    }
}

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bomb")
    }
}

impl Error for Bomb {}

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {}
}

impl Source for Bomb {
    fn ready(self: Rc<Self>, _: &Handle, _: Id, _: Readiness) {}
}

impl Phases for Bomb {}

impl Message for Bomb {
    fn arrive(self: Arc<Self>, _: &Handle) {
        panic_any("a message");
    }
}

/// The work of a cooperative task, which holds a bomb.
fn steps(bomb: Bomb) -> impl Iterator<Item = u32> {
    (0..1_000).filter(move |_| bomb.0.load(Ordering::SeqCst) > 0)
}

/// Drops what it holds when another destructor runs: user code that is called while a panic
/// unwinds.
struct Upon<F: FnMut()>(F);

impl<F: FnMut()> Drop for Upon<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[derive(Default)]
struct First(RefCell<Vec<Bomb>>);

#[derive(Default)]
struct Second(RefCell<Vec<Bomb>>);

/// Leaves two of everything with the reactor: the first of a kind must not keep the second.
fn leave_everything(reactor: &mut Reactor, alive: &Arc<AtomicU32>) {
    let h = &reactor.handle();
    for _ in 0..2 {
        let [a, b, c, d, e, f] = [(); 6].map(|()| bomb(alive));
        h.before_startup(move |_, _| drop(a));
        h.when_running(move |_| drop(b));
        h.after_startup(move |_| drop(c));
        h.before_shutdown(move |_, _| drop(d));
        h.during_shutdown(move |_| drop(e));
        h.after_shutdown(move |_| drop(f));
        let [a, b, c, d] = [(); 4].map(|()| bomb(alive));
        h.call_soon(move |_| drop(a));
        h.call_later(HOUR, move |_| drop(b));
        h.remote().call(move |_| drop(c));
        h.offload(|| (), move |_, ()| drop(d));
        let listener = h.listen(&Address::loopback(0)).unwrap();
        h.register(listener, Rc::new(bomb(alive)));
        h.again(Ready {
            id: listener,
            what: Readiness::READ,
        });
        h.at_end(Rc::new(bomb(alive)));
        h.after_callbacks(Rc::new(bomb(alive)));
        let (a, b) = (bomb(alive), bomb(alive));
        let looping = LoopingCall::start_later(h, HOUR, move |_, _| drop(Rc::new(&a)));
        looping.when_done(move |_| drop(b));
        let (a, b) = (bomb(alive), bomb(alive));
        let task = h.cooperate(steps(a));
        task.when_done(move |_, _| drop(b));
        let (a, b) = (bomb(alive), bomb(alive));
        let paused = h.cooperate(steps(a));
        paused.when_done(move |_, _| drop(b));
        paused.pause().unwrap();
    }
    h.extension::<First>().0.borrow_mut().push(bomb(alive));
    h.extension::<Second>().0.borrow_mut().push(bomb(alive));
    reactor.on_change(Some(Arc::new(bomb(alive)).into()));
    h.fail(bomb(alive));
}

#[test]
fn a_destructor_that_panics_leaks_nothing_of_the_rest_and_the_first_panic_goes_on() {
    let alive = Arc::new(AtomicU32::new(0));
    let mut reactor = Reactor::new(Sim::new(1));
    leave_everything(&mut reactor, &alive);
    assert_eq!(alive.load(Ordering::SeqCst), 42);
    let h = reactor.handle();
    let dropped = catch_unwind(AssertUnwindSafe(move || drop(reactor)));
    assert_eq!(dropped.unwrap_err().downcast_ref(), Some(&"a destructor"));
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    h.assert_nothing_borrowed();
}

#[test]
fn also_when_the_reactor_is_dropped_while_a_panic_unwinds() {
    let alive = Arc::new(AtomicU32::new(0));
    let left = Arc::clone(&alive);
    let panic = catch_unwind(move || {
        let mut reactor = Reactor::new(Sim::new(1));
        leave_everything(&mut reactor, &left);
        panic_any("the first");
    });
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"the first"));
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn extensions_are_dropped_in_the_order_in_which_they_were_made() {
    thread_local!(static DROPPED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) });
    #[derive(Default)]
    struct Numbered<const N: u8>;
    impl<const N: u8> Drop for Numbered<N> {
        fn drop(&mut self) {
            DROPPED.with_borrow_mut(|dropped| dropped.push(N));
        }
    }
    let make: [fn(&Handle); 10] = [
        |h| drop(h.extension::<Numbered<0>>()),
        |h| drop(h.extension::<Numbered<1>>()),
        |h| drop(h.extension::<Numbered<2>>()),
        |h| drop(h.extension::<Numbered<3>>()),
        |h| drop(h.extension::<Numbered<4>>()),
        |h| drop(h.extension::<Numbered<5>>()),
        |h| drop(h.extension::<Numbered<6>>()),
        |h| drop(h.extension::<Numbered<7>>()),
        |h| drop(h.extension::<Numbered<8>>()),
        |h| drop(h.extension::<Numbered<9>>()),
    ];
    for order in [
        [3, 1, 4, 0, 5, 9, 2, 6, 8, 7],
        [7, 8, 6, 2, 9, 5, 0, 4, 1, 3],
    ] {
        let reactor = Reactor::new(Sim::new(1));
        for at in order.into_iter().chain([2, 6]) {
            make[at](&reactor.handle());
        }
        drop(reactor);
        let dropped = DROPPED.take().into_iter().map(usize::from);
        assert_eq!(dropped.collect::<Vec<_>>(), order);
    }
}

#[test]
fn an_extension_that_asks_for_itself_while_it_is_made_is_one() {
    thread_local!(static HANDLE: RefCell<Option<Handle>> = const { RefCell::new(None) });
    struct Outer(#[allow(dead_code)] u8);
    impl Default for Outer {
        fn default() -> Outer {
            let handle = HANDLE.take();
            if let Some(handle) = handle {
                handle.extension::<Outer>();
            }
            Outer(0)
        }
    }
    let reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    HANDLE.set(Some(h.clone()));
    let one = h.extension::<Outer>();
    assert!(Rc::ptr_eq(&one, &h.extension::<Outer>()));
}

/// Turns once. What panicked is given, and the process is still there.
fn panic_of(reactor: &mut Reactor) -> &'static str {
    let turn = catch_unwind(AssertUnwindSafe(|| reactor.turn(Some(Duration::ZERO))));
    reactor.handle().assert_nothing_borrowed();
    turn.unwrap_err().downcast_ref::<&str>().unwrap()
}

#[test]
fn a_beat_that_panics_and_whose_destructor_panics_ends_with_the_first() {
    let alive = Arc::new(AtomicU32::new(0));
    let mut reactor = Reactor::new(Sim::new(1));
    let held = bomb(&alive);
    let looping = LoopingCall::start(&reactor.handle(), HOUR, move |_, _| {
        let _ = &held;
        panic_any("a beat");
    });
    looping.when_done(|h| h.stop().unwrap());
    assert_eq!(panic_of(&mut reactor), "a beat");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    reactor.run().unwrap();
}

#[test]
fn a_step_that_panics_and_whose_destructor_panics_ends_with_the_first() {
    let alive = Arc::new(AtomicU32::new(0));
    let mut reactor = Reactor::new(Sim::new(1));
    let held = bomb(&alive);
    let task = reactor
        .handle()
        .cooperate(std::iter::repeat_with(move || -> () {
            let _ = &held;
            panic_any("a step");
        }));
    task.when_done(|h, how| {
        assert_eq!(how, Ended::Stopped);
        h.stop().unwrap();
    });
    assert_eq!(panic_of(&mut reactor), "a step");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    reactor.run().unwrap();
}

#[test]
fn a_source_that_panics_and_whose_destructor_panics_ends_with_the_first() {
    struct Closes(Bomb);
    impl Source for Closes {
        fn ready(self: Rc<Self>, h: &Handle, id: Id, _: Readiness) {
            h.close(id, false); // now it belongs to the caller alone
            panic_any(if self.0.0.load(Ordering::SeqCst) == 1 {
                "a source"
            } else {
                "dropped"
            });
        }
    }
    impl Phases for Closes {
        fn turn_ends(self: Rc<Self>, _: &Handle) {
            panic_any("the end of a turn");
        }
        fn callbacks_ran(self: Rc<Self>, _: &Handle, _: bool) {
            panic_any("after callbacks");
        }
    }
    let alive = Arc::new(AtomicU32::new(0));
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let listener = h.listen(&Address::loopback(0)).unwrap();
    h.register(listener, Rc::new(Closes(bomb(&alive))));
    h.again(Ready {
        id: listener,
        what: Readiness::READ,
    });
    assert_eq!(panic_of(&mut reactor), "a source");
    h.at_end(Rc::new(Closes(bomb(&alive))));
    assert_eq!(panic_of(&mut reactor), "the end of a turn");
    h.after_callbacks(Rc::new(Closes(bomb(&alive))));
    assert_eq!(panic_of(&mut reactor), "after callbacks");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn a_message_that_panics_and_whose_destructor_panics_ends_with_the_first() {
    let alive = Arc::new(AtomicU32::new(0));
    let mut reactor = Reactor::new(Sim::new(1));
    reactor.handle().remote().send(Arc::new(bomb(&alive)));
    assert_eq!(panic_of(&mut reactor), "a message");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn a_job_that_panics_and_whose_other_half_panics_when_dropped_ends_with_the_first() {
    let alive = Arc::new(AtomicU32::new(0));
    let mut reactor = Reactor::new(Sim::new(1));
    let held = bomb(&alive);
    let h = reactor.handle();
    h.offload(|| panic_any("a job"), move |_, ()| drop(held));
    let run = catch_unwind(AssertUnwindSafe(|| reactor.run()));
    assert_eq!(run.unwrap_err().downcast_ref(), Some(&"a job"));
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

/// Whatever drops something of the user's may be called by a destructor, while a panic unwinds.
#[test]
fn what_is_given_up_while_a_panic_unwinds_may_panic() {
    let alive = Arc::new(AtomicU32::new(0));
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let a = bomb(&alive);
    let call = h.call_later(HOUR, move |_| drop(a));
    let (a, b) = (bomb(&alive), bomb(&alive));
    let looping = LoopingCall::start_later(&h, HOUR, move |_, _| drop(Rc::new(&a)));
    let task = h.cooperate(steps(b));
    let [closed, forgotten, replaced] = [(); 3].map(|()| {
        let id = h.listen(&Address::loopback(0)).unwrap();
        h.register(id, Rc::new(bomb(&alive)));
        id
    });
    reactor.on_change(Some(Arc::new(bomb(&alive)).into()));
    let again = bomb(&alive);
    let mut again = Some(again);
    let reactor = RefCell::new(reactor);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _upon = Upon(|| {
            call.cancel().unwrap();
            looping.stop();
            task.stop().unwrap();
            h.close(closed, false);
            h.forget(forgotten);
            let source: Option<Rc<dyn Source>> = again.take().map(|bomb| Rc::new(bomb) as _);
            h.register(replaced, source.unwrap());
            h.forget(replaced);
            reactor.borrow_mut().on_change(None);
        });
        panic_any("the first");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"the first"));
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

/// What comes too late is dropped where it comes.
#[test]
fn what_a_closed_reactor_refuses_while_a_panic_unwinds_may_panic() {
    let alive = Arc::new(AtomicU32::new(0));
    let reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let listener = h.listen(&Address::loopback(0)).unwrap();
    let (remote, held) = (h.remote(), bomb(&alive));
    let hold = RefCell::new(Some(Hold::new(&h, move |_| drop(held))));
    drop(reactor);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _upon = Upon(|| {
            let [a, b, c, d, e, f, g] = [(); 7].map(|()| bomb(&alive));
            h.call_soon(move |_| drop(a));
            h.call_later(HOUR, move |_| drop(b));
            remote.call(move |_| drop(c));
            h.when_running(move |_| drop(d));
            h.before_shutdown(move |_, _| drop(e));
            h.offload(move || drop(f), move |_, ()| drop(g));
            h.register(listener, Rc::new(bomb(&alive)));
            h.at_end(Rc::new(bomb(&alive)));
            let a = bomb(&alive);
            LoopingCall::start(&h, HOUR, move |_, _| drop(Rc::new(&a)));
            let a = bomb(&alive);
            h.cooperate(steps(a));
            h.fail(bomb(&alive));
            drop(hold.take());
        });
        panic_any("the first");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"the first"));
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

/// A host's waker is code that the reactor does not know, too.
#[test]
fn a_host_whose_waker_panics_while_a_panic_unwinds_is_contained() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic_any("a waker");
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    reactor.on_change(Some(Arc::new(Panics).into()));
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _upon = Upon(|| {
            h.call_soon(|_| ());
            h.remote().call(|_| ());
        });
        panic_any("the first");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"the first"));
    assert_eq!(reactor.turn(Some(Duration::ZERO)).unwrap(), 2);
}
