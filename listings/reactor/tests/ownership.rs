//! Nothing of ours is borrowed while user code runs, and everything is freed with the reactor.
use reactor::{
    Address, Handle, Hold, Id, LoopingCall, Os, Phases, Reactor, Readiness, Ready, Sim, Source,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// Counts itself while it lives, and looks at the reactor when it goes.
struct Counted {
    alive: Arc<AtomicU32>,
}

fn counted(alive: &Arc<AtomicU32>) -> Counted {
    alive.fetch_add(1, Ordering::SeqCst);
    Counted {
        alive: Arc::clone(alive),
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Keeps a handle, and so would keep the reactor alive if handles owned anything.
struct Keeps {
    handle: Handle,
    _counted: Counted,
}

impl Drop for Keeps {
    fn drop(&mut self) {
        // A destructor is user code, too; and it may ask for more, without effect.
        self.handle.assert_nothing_borrowed();
        let handle = self.handle.clone();
        self.handle.call_soon(move |_| drop(handle));
        self.handle.call_later(Duration::ZERO, |_| ());
    }
}

impl Source for Keeps {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        reactor.assert_nothing_borrowed();
    }
}

impl Phases for Keeps {}

#[derive(Default)]
struct Shelf(RefCell<Vec<Keeps>>);

/// Leaves one of everything with the reactor.
fn leave_everything(h: &Handle, alive: &Arc<AtomicU32>) {
    let keeps = || Keeps {
        handle: h.clone(),
        _counted: counted(alive),
    };
    let k = keeps();
    h.call_soon(move |_| drop(k));
    let k = keeps();
    h.call_later(Duration::from_secs(3600), move |_| drop(k));
    let k = counted(alive);
    h.remote().call(move |_| drop(k));
    let (work, done) = (counted(alive), keeps());
    h.offload(move || drop(work), move |_, ()| drop(done));
    let listener = h.listen(&Address::loopback(0)).unwrap();
    h.register(listener, Rc::new(keeps()));
    h.at_end(Rc::new(keeps()));
    h.extension::<Shelf>().0.borrow_mut().push(keeps());
    let (a, b, c) = (keeps(), keeps(), keeps());
    h.before_shutdown(move |_, _| drop(a));
    h.during_shutdown(move |_| drop(b));
    h.after_shutdown(move |_| drop(c));
    let k = keeps();
    let looping = LoopingCall::start_later(h, Duration::from_secs(3600), move |_, _| {
        k.handle.assert_nothing_borrowed();
    });
    let k = keeps();
    looping.when_done(move |_| drop(k));
    let k = keeps();
    // A task that keeps its own handle: a cycle of the user's.
    let own = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&own);
    let task = h.cooperate(std::iter::from_fn(move || {
        let _ = (&k, &kept);
        Some(())
    }));
    task.pause().unwrap();
    let k = keeps();
    task.when_done(move |_, _| drop(k));
    *own.borrow_mut() = Some(task);
}

#[test]
fn dropping_the_reactor_drops_all_that_was_left_with_it() {
    let alive = Arc::new(AtomicU32::new(0));
    let reactor = Reactor::new(Sim::new(1));
    leave_everything(&reactor.handle(), &alive);
    assert!(alive.load(Ordering::SeqCst) > 10);
    drop(reactor);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn also_when_it_ran_before_and_a_handle_outlives_it() {
    let alive = Arc::new(AtomicU32::new(0));
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    h.call_soon(|h| h.stop().unwrap());
    reactor.run().unwrap();
    leave_everything(&h, &alive);
    drop(reactor);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    // The handle does nothing any more, and keeps nothing.
    leave_everything_in_vain(&h, &alive);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

fn leave_everything_in_vain(h: &Handle, alive: &Arc<AtomicU32>) {
    let k = counted(alive);
    assert!(!h.call_later(Duration::ZERO, move |_| drop(k)).active());
    let k = counted(alive);
    h.call_soon(move |_| drop(k));
    let k = counted(alive);
    h.remote().call(move |_| drop(k));
    let k = counted(alive);
    h.offload(move || drop(k), |_, ()| ());
    assert!(h.listen(&Address::loopback(0)).is_err());
    let k = counted(alive);
    h.when_running(move |_| drop(k));
}

#[test]
fn a_cancelled_call_frees_what_it_captured_at_once() {
    let alive = Arc::new(AtomicU32::new(0));
    let reactor = Reactor::new(Sim::new(1));
    let k = counted(&alive);
    let call = reactor
        .handle()
        .call_later(Duration::from_secs(1), move |_| drop(k));
    assert_eq!(alive.load(Ordering::SeqCst), 1);
    call.cancel().unwrap();
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn sockets_are_closed_with_the_reactor_though_a_handle_is_left() {
    let reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let listener = h.listen(&Address::loopback(0)).unwrap();
    let Address::Inet(at) = h.local_address(listener).unwrap() else {
        unreachable!()
    };
    assert!(std::net::TcpStream::connect(at).is_ok());
    drop(reactor);
    assert!(std::net::TcpStream::connect(at).is_err());
}

/// Every kind of callback, each of which finds nothing borrowed.
#[test]
fn nothing_is_borrowed_while_user_code_runs() {
    struct Checks {
        id: Cell<Option<Id>>,
        seen: Rc<Cell<u32>>,
    }
    impl Source for Checks {
        fn ready(self: Rc<Self>, h: &Handle, _: Id, what: Readiness) {
            check(h, &self.seen);
            if let Some(id) = self.id.take() {
                h.again(Ready { id, what });
                h.at_end(self);
            }
        }
    }
    impl Phases for Checks {
        fn turn_ends(self: Rc<Self>, h: &Handle) {
            check(h, &self.seen);
        }
    }
    fn check(h: &Handle, seen: &Cell<u32>) {
        h.assert_nothing_borrowed();
        seen.set(seen.get() + 1);
    }
    struct Extension;
    impl Default for Extension {
        fn default() -> Self {
            HANDLE.with_borrow(|h| h.as_ref().unwrap().assert_nothing_borrowed());
            Extension
        }
    }
    thread_local!(static HANDLE: RefCell<Option<Handle>> = const { RefCell::new(None) });

    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    HANDLE.set(Some(h.clone()));
    let seen = Rc::new(Cell::new(0));
    let again = |seen: &Rc<Cell<u32>>| Rc::clone(seen);

    let s = again(&seen);
    h.before_startup(move |h, _hold: Hold| check(h, &s));
    let s = again(&seen);
    h.when_running(move |h| check(h, &s));
    let s = again(&seen);
    h.after_startup(move |h| check(h, &s));
    let s = again(&seen);
    h.call_soon(move |h| check(h, &s));
    let s = again(&seen);
    h.call_later(Duration::ZERO, move |h| check(h, &s));
    h.remote().call(|h| h.assert_nothing_borrowed());
    let s = again(&seen);
    h.offload(|| (), move |h, ()| check(h, &s));
    let s = again(&seen);
    LoopingCall::start(&h, Duration::from_secs(1), move |h, looping| {
        check(h, &s);
        looping.stop();
    });
    let (s, hh) = (again(&seen), h.clone());
    h.cooperate(std::iter::once_with(move || check(&hh, &s)));
    let listener = h.listen(&Address::loopback(0)).unwrap();
    let source = Rc::new(Checks {
        id: Cell::new(Some(listener)),
        seen: again(&seen),
    });
    h.register(listener, source);
    h.connect(&h.local_address(listener).unwrap()).unwrap();
    h.extension::<Extension>();
    let s = again(&seen);
    h.before_shutdown(move |h, _| check(h, &s));
    let s = again(&seen);
    h.during_shutdown(move |h| check(h, &s));
    let s = again(&seen);
    h.after_shutdown(move |h| check(h, &s));
    h.call_later(Duration::from_secs(1), |h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(seen.get(), 14);
    HANDLE.set(None);
}

#[test]
fn a_callback_may_forget_close_and_replace_sources_also_itself() {
    struct Replaced(Rc<Cell<u32>>);
    impl Source for Replaced {
        fn ready(self: Rc<Self>, _: &Handle, _: Id, _: Readiness) {
            self.0.set(self.0.get() + 100);
        }
    }
    struct Replaces {
        id: Id,
        other: Id,
        seen: Rc<Cell<u32>>,
    }
    impl Source for Replaces {
        fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
            self.seen.set(self.seen.get() + 1);
            h.close(self.other, false); // its event of this same turn finds no source
            h.register(self.id, Rc::new(Replaced(Rc::clone(&self.seen))));
            h.again(Ready {
                id: self.id,
                what: Readiness::READ,
            });
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let seen = Rc::new(Cell::new(0));
    let [a, b] = [0, 0].map(|port| h.listen(&Address::loopback(port)).unwrap());
    for (id, other) in [(a, b), (b, a)] {
        h.register(
            id,
            Rc::new(Replaces {
                id,
                other,
                seen: Rc::clone(&seen),
            }),
        );
        h.connect(&h.local_address(id).unwrap()).unwrap();
    }
    reactor.turn(None).unwrap();
    assert_eq!(seen.get(), 1, "the first closed the second");
    reactor.turn(None).unwrap();
    assert_eq!(seen.get(), 101);
}

#[test]
fn a_source_that_was_left_behind_is_dropped_with_nothing_borrowed_while_recording() {
    let alive = Arc::new(AtomicU32::new(0));
    let recording = trace::start(trace::Setup::default());
    let reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let closed = h.listen(&Address::loopback(0)).unwrap();
    h.close(closed, false);
    let keeps = Keeps {
        handle: h.clone(),
        _counted: counted(&alive),
    };
    h.register(closed, Rc::new(keeps));
    let next = h.listen(&Address::loopback(0)).unwrap();
    assert_eq!(next.index, closed.index);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    drop(recording);
}

#[test]
fn a_source_for_a_socket_that_is_not_open_is_not_kept() {
    struct Held(#[allow(dead_code)] Counted);
    impl Source for Held {
        fn ready(self: Rc<Self>, _: &Handle, id: Id, _: Readiness) {
            panic!("{id:?} is not open");
        }
    }
    let alive = Arc::new(AtomicU32::new(0));
    for recorded in [false, true] {
        let recording = recorded.then(|| trace::start(trace::Setup::default()));
        let mut reactor = Reactor::new(Sim::new(1));
        let h = reactor.handle();
        let held = || Rc::new(Held(counted(&alive)));
        let listener = h.listen(&Address::loopback(0)).unwrap();
        // It never had a source, it had one, it was closed twice.
        h.close(listener, false);
        h.register(listener, held());
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        let listener = h.listen(&Address::loopback(0)).unwrap();
        h.register(listener, held());
        h.close(listener, false);
        h.close(listener, true);
        h.register(listener, held());
        h.again(Ready {
            id: listener,
            what: Readiness::READ,
        });
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        // The next socket takes that place; the one before it is still closed.
        let next = h.listen(&Address::loopback(0)).unwrap();
        assert_eq!(next.index, listener.index);
        h.register(listener, held());
        h.close(listener, false);
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        h.register(next, held());
        assert_eq!(alive.load(Ordering::SeqCst), 1);
        h.close(next, false);
        // No world made these, and they cost no memory.
        for index in [next.index, 7, u32::MAX] {
            let (generation, what) = (next.generation.wrapping_add(5), Readiness::READ);
            let id = Id { index, generation };
            h.register(id, held());
            h.again(Ready { id, what });
            h.close(id, false);
        }
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        reactor.turn(Some(Duration::ZERO)).unwrap();
        drop(recording);
    }
}
