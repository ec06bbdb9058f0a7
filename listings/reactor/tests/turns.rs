//! The order inside a turn, what a callback may do, and what it costs the world.
use reactor::{
    Address, Handle, Id, LoopingCall, Phases, Reactor, Readiness, Ready, Sim, Source, Time,
};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

mod counted;
use counted::Counted;

type Log = Rc<RefCell<Vec<&'static str>>>;

/// A source that writes down that it was told.
struct Noted {
    name: &'static str,
    log: Log,
}

impl Source for Noted {
    fn ready(self: Rc<Self>, _: &Handle, _: Id, _: Readiness) {
        self.log.borrow_mut().push(self.name);
    }
}

impl Phases for Noted {
    fn turn_ends(self: Rc<Self>, _: &Handle) {
        self.log.borrow_mut().push("end of the turn");
    }
}

fn note(log: &Log, name: &'static str) -> impl FnOnce(&Handle) + use<> {
    let log = Rc::clone(log);
    move |_| log.borrow_mut().push(name)
}

/// A listener to which a client has connected, so that it is ready in the next turn.
fn ready_soon(h: &Handle, log: &Log, name: &'static str) -> Id {
    let listener = h.listen(&Address::loopback(0)).unwrap();
    h.register(
        listener,
        Rc::new(Noted {
            name,
            log: Rc::clone(log),
        }),
    );
    h.connect(&h.local_address(listener).unwrap()).unwrap();
    listener
}

#[test]
fn calls_then_timers_then_the_wait_then_ready_sources_then_the_end() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    ready_soon(&h, &log, "ready");
    h.at_end(Rc::new(Noted {
        name: "",
        log: Rc::clone(&log),
    }));
    h.call_later(Duration::ZERO, note(&log, "timer"));
    h.call_soon(note(&log, "call"));
    h.remote().call({
        let sent = h.now(); // only to show that a letter may carry data
        move |h| assert_eq!(h.now(), sent)
    });
    // The end of the turn is due, so the first turn does not wait for the connection.
    reactor.turn(None).unwrap();
    assert_eq!(*log.borrow(), ["call", "timer", "end of the turn"]);
    reactor.turn(None).unwrap();
    assert_eq!(log.borrow()[3..], ["ready"]);
}

#[test]
fn a_call_that_is_queued_by_a_call_runs_in_the_next_turn() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let second = note(&log, "second");
    h.call_soon(move |h| h.call_soon(second));
    assert_eq!(reactor.turn(None).unwrap(), 1);
    assert!(log.borrow().is_empty());
    assert_eq!(reactor.turn(Some(Duration::ZERO)).unwrap(), 1);
    assert_eq!(*log.borrow(), ["second"]);
}

#[test]
fn a_timer_that_is_made_in_a_turn_runs_in_a_later_one_even_if_it_is_due() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let (by_call, by_timer) = (note(&log, "made by a call"), note(&log, "made by a timer"));
    h.call_soon(move |h| drop(h.call_later(Duration::ZERO, by_call)));
    h.call_later(Duration::ZERO, move |h| {
        drop(h.call_later(Duration::ZERO, by_timer))
    });
    assert_eq!(reactor.turn(Some(Duration::ZERO)).unwrap(), 2);
    assert!(log.borrow().is_empty());
    assert_eq!(reactor.turn(Some(Duration::ZERO)).unwrap(), 2);
    assert_eq!(*log.borrow(), ["made by a call", "made by a timer"]);
}

#[test]
fn a_turn_waits_no_longer_than_it_may_and_not_past_the_next_deadline() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    h.call_later(Duration::from_secs(5), |_| ());
    reactor.turn(Some(Duration::from_secs(2))).unwrap();
    assert_eq!(h.now(), Time::from_secs(2));
    reactor.turn(Some(Duration::from_secs(60))).unwrap();
    assert_eq!(h.now(), Time::from_secs(5));
}

#[test]
fn nothing_happens_before_the_first_turn() {
    let reactor = Reactor::new(Sim::new(1));
    let log = Log::default();
    reactor.handle().call_soon(note(&log, "call"));
    reactor.handle().when_running(note(&log, "running"));
    drop(reactor);
    assert!(log.borrow().is_empty());
}

#[test]
fn a_panic_goes_through_and_the_rest_runs_in_the_next_turn() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    h.call_soon(|_| panic!("on purpose"));
    h.call_soon(note(&log, "call"));
    h.call_later(Duration::ZERO, |_| panic!("on purpose"));
    h.call_later(Duration::ZERO, note(&log, "timer"));
    for _ in 0..2 {
        let turn = catch_unwind(AssertUnwindSafe(|| reactor.turn(Some(Duration::ZERO))));
        assert!(turn.is_err());
        h.assert_nothing_borrowed();
    }
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*log.borrow(), ["call", "timer"]);
}

#[test]
fn a_panic_in_a_source_does_not_swallow_the_events_of_the_others() {
    struct Panics;
    impl Source for Panics {
        fn ready(self: Rc<Self>, _: &Handle, _: Id, _: Readiness) {
            panic!("on purpose");
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let panics = ready_soon(&h, &log, "never");
    h.register(panics, Rc::new(Panics));
    ready_soon(&h, &log, "ready");
    assert!(catch_unwind(AssertUnwindSafe(|| reactor.turn(None))).is_err());
    assert!(log.borrow().is_empty());
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*log.borrow(), ["ready"]);
}

#[test]
fn again_is_told_in_the_next_turn_and_so_is_the_rest() {
    /// Reads one byte a turn and asks for another turn.
    struct Slow {
        id: Id,
        turns: Rc<Cell<u32>>,
    }
    impl Source for Slow {
        fn ready(self: Rc<Self>, h: &Handle, _: Id, what: Readiness) {
            self.turns.set(self.turns.get() + 1);
            if self.turns.get() < 3 {
                h.again(Ready { id: self.id, what });
            }
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let turns = Rc::new(Cell::new(0));
    let log = Log::default();
    let id = ready_soon(&h, &log, "");
    h.register(
        id,
        Rc::new(Slow {
            id,
            turns: Rc::clone(&turns),
        }),
    );
    reactor.turn(None).unwrap();
    assert_eq!(turns.get(), 1);
    assert_eq!(
        reactor.next_deadline(),
        Some(Time::ZERO),
        "there is more to do at once"
    );
    reactor.turn(None).unwrap();
    reactor.turn(None).unwrap();
    assert_eq!(turns.get(), 3);
    assert_eq!(h.now(), Time::from_millis(1), "no turn waited");
}

#[test]
fn a_turn_polls_once_and_reads_the_clock_once() {
    let (world, counts) = Counted::new(Sim::new(1));
    let mut reactor = Reactor::new(world);
    let h = reactor.handle();
    let log = Log::default();
    for _ in 0..10 {
        ready_soon(&h, &log, "ready");
        h.call_soon(|_| ());
    }
    for millis in 0..10 {
        h.call_later(Duration::from_millis(millis), |_| ());
    }
    for _ in 0..20 {
        counts.reset();
        reactor.turn(Some(Duration::from_millis(1))).unwrap();
        assert_eq!((counts.waits.get(), counts.clocks.get()), (1, 1));
    }
    assert_eq!(log.borrow().len(), 10);
}

#[test]
fn again_twice_is_told_once_with_all_that_was_said() {
    struct Told {
        id: Id,
        log: Rc<RefCell<Vec<String>>>,
    }
    impl Source for Told {
        fn ready(self: Rc<Self>, h: &Handle, _: Id, what: Readiness) {
            let first = self.log.borrow().is_empty();
            self.log.borrow_mut().push(what.to_string());
            if first {
                for what in [Readiness::READ, Readiness::WRITE, Readiness::READ] {
                    h.again(Ready { id: self.id, what });
                }
                // The world tells it as well, in the same turn.
                h.connect(&h.local_address(self.id).unwrap()).unwrap();
            }
        }
    }
    let mut reactor = Reactor::new(Sim::with(1, reactor::Knobs::parse("latency=0ms").unwrap()));
    let h = reactor.handle();
    let log: Rc<RefCell<Vec<String>>> = Rc::default();
    let id = ready_soon(&h, &Log::default(), "");
    h.register(
        id,
        Rc::new(Told {
            id,
            log: Rc::clone(&log),
        }),
    );
    for _ in 0..4 {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
    assert_eq!(*log.borrow(), ["read", "read+write"]);
}

#[test]
fn one_source_serves_many_sockets_and_is_told_which() {
    struct Told(RefCell<Vec<Id>>);
    impl Source for Told {
        fn ready(self: Rc<Self>, h: &Handle, id: Id, what: Readiness) {
            assert!(h.accept(id).is_ok(), "{id:?} is not the one that is ready");
            if self.0.borrow().is_empty() {
                h.again(Ready { id, what }); // also by the reactor itself, and by its own id
            }
            self.0.borrow_mut().push(id);
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let told = Rc::new(Told(RefCell::default()));
    let listeners = [(); 3].map(|()| h.listen(&Address::loopback(0)).unwrap());
    for listener in listeners {
        h.register(listener, told.clone());
    }
    for at in [2, 0, 2] {
        h.connect(&h.local_address(listeners[at]).unwrap()).unwrap();
    }
    for _ in 0..3 {
        reactor.turn(Some(Duration::from_millis(5))).unwrap();
    }
    let [first, _, third] = listeners;
    assert_eq!(*told.0.borrow(), [third, first, third]);
}

#[test]
fn who_goes_on_after_the_callbacks_may_send_at_the_end_of_the_same_turn() {
    struct Task(Log);
    impl Source for Task {
        fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
            self.0.borrow_mut().push("ready");
            h.after_callbacks(self.clone());
            h.after_callbacks(self);
        }
    }
    impl Phases for Task {
        fn callbacks_ran(self: Rc<Self>, h: &Handle, waited: bool) {
            h.assert_nothing_borrowed();
            self.0
                .borrow_mut()
                .push(["before the wait", "after it"][usize::from(waited)]);
            h.at_end(self);
        }
        fn turn_ends(self: Rc<Self>, _: &Handle) {
            self.0.borrow_mut().push("end");
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let listener = h.listen(&Address::loopback(0)).unwrap();
    h.register(listener, Rc::new(Task(Rc::clone(&log))));
    h.connect(&h.local_address(listener).unwrap()).unwrap();
    while log.borrow().is_empty() {
        reactor.turn(None).unwrap();
    }
    assert_eq!(log.take(), ["ready", "after it", "after it", "end", "end"]);
}

#[test]
fn what_a_timer_has_woken_goes_on_before_the_wait_and_once() {
    struct Task(Log, Cell<u32>);
    impl Phases for Task {
        fn callbacks_ran(self: Rc<Self>, h: &Handle, waited: bool) {
            self.0
                .borrow_mut()
                .push(["before the wait", "after it"][usize::from(waited)]);
            if self.1.replace(self.1.get() - 1) > 1 {
                h.after_callbacks(self);
            }
        }
    }
    let (world, counts) = Counted::new(Sim::new(1));
    let mut reactor = Reactor::new(world);
    let h = reactor.handle();
    let log = Log::default();
    let task = Rc::new(Task(Rc::clone(&log), Cell::new(3)));
    h.call_later(Duration::ZERO, move |h| h.after_callbacks(task));
    h.call_later(Duration::from_secs(9), |_| ());
    reactor.turn(None).unwrap();
    // Asked for again, it goes on after the wait, which was only a look; and then in the next turn.
    assert_eq!(log.take(), ["before the wait", "after it"]);
    assert_eq!(h.now(), Time::ZERO);
    counts.reset();
    reactor.turn(None).unwrap();
    assert_eq!(log.take(), ["before the wait"]);
    assert_eq!((h.now(), counts.waits.get()), (Time::from_secs(9), 1));
}

/// In the simulated world, too, time goes on while a program is always busy.
#[test]
fn a_timer_fires_beside_whatever_never_lets_the_reactor_rest() {
    struct Again;
    impl Source for Again {
        fn ready(self: Rc<Self>, h: &Handle, id: Id, what: Readiness) {
            h.again(Ready { id, what });
        }
    }
    impl Phases for Again {
        fn callbacks_ran(self: Rc<Self>, h: &Handle, _: bool) {
            h.after_callbacks(self);
        }
        fn turn_ends(self: Rc<Self>, h: &Handle) {
            h.at_end(self);
        }
    }
    fn queue_again(h: &Handle) {
        h.call_soon(queue_again);
    }
    fn send_again(h: &Handle) {
        h.remote().call(send_again);
    }
    fn end_again(h: &Handle) {
        let looping = LoopingCall::start_later(h, Duration::from_secs(1), |_, _| ());
        looping.when_done(end_again);
        looping.stop();
    }
    fn set_again(h: &Handle) {
        h.call_later(Duration::ZERO, set_again);
    }
    type Begin = fn(&Handle);
    let busy: [(&str, Begin); 9] = [
        ("calls", queue_again),
        ("letters", send_again),
        ("timers", set_again),
        ("ends", end_again),
        ("steps", |h| drop(h.cooperate(std::iter::repeat(())))),
        ("beats", |h| {
            LoopingCall::start(h, Duration::ZERO, |_, _| ());
        }),
        ("callbacks ran", |h| h.after_callbacks(Rc::new(Again))),
        ("turn ends", |h| h.at_end(Rc::new(Again))),
        ("sources", |h| {
            let id = h.listen(&Address::loopback(0)).unwrap();
            h.register(id, Rc::new(Again));
            let what = Readiness::READ;
            h.again(Ready { id, what });
        }),
    ];
    for (name, begin) in busy {
        let mut reactor = Reactor::new(Sim::new(1));
        let h = reactor.handle();
        begin(&h);
        let fired = Rc::new(Cell::new(false));
        let seen = Rc::clone(&fired);
        h.call_later(Duration::from_millis(1), move |_| seen.set(true));
        let turns = (1..).take_while(|_| {
            reactor.turn(None).unwrap();
            !fired.get()
        });
        let turns = turns.take(10_000).count();
        assert!(
            (100..10_000).contains(&turns),
            "{name}: {turns} turns of 1 ms"
        );
    }
}
