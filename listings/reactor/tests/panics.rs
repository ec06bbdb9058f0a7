//! A panic of one callback costs the others nothing: the next turn goes on with them.
use reactor::{Address, Handle, Hold, Id, Knobs, Phases, Reactor, Readiness, Ready, Sim, Source};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

type Log = Rc<RefCell<Vec<String>>>;

fn note(log: &Log, name: &str) -> impl FnOnce(&Handle) + use<> {
    let (log, name) = (Rc::clone(log), name.to_owned());
    move |_| log.borrow_mut().push(name)
}

fn panics(reactor: &mut Reactor) {
    let turn = catch_unwind(AssertUnwindSafe(|| reactor.turn(Some(Duration::ZERO))));
    assert!(turn.is_err(), "nothing panicked");
    reactor.handle().assert_nothing_borrowed();
}

/// Writes down what it is told, and panics the first time if it is asked to.
struct Told {
    name: &'static str,
    panics: Cell<bool>,
    log: Log,
}

fn told(name: &'static str, panics: bool, log: &Log) -> Rc<Told> {
    Rc::new(Told {
        name,
        panics: Cell::new(panics),
        log: Rc::clone(log),
    })
}

impl Told {
    fn note(&self, what: &str) {
        assert!(!self.panics.take(), "on purpose");
        self.log.borrow_mut().push(format!("{} {what}", self.name));
    }
}

impl Source for Told {
    fn ready(self: Rc<Self>, _: &Handle, _: Id, what: Readiness) {
        self.note(&what.to_string());
    }
}

impl Phases for Told {
    fn turn_ends(self: Rc<Self>, _: &Handle) {
        self.note("end");
    }
}

#[test]
fn the_others_hear_of_the_end_of_the_turn() {
    let mut reactor = Reactor::new(Sim::new(1));
    let log = Log::default();
    let h = reactor.handle();
    h.at_end(told("first", true, &log));
    h.at_end(told("second", false, &log));
    panics(&mut reactor);
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*log.borrow(), ["second end"]);
}

#[test]
fn what_a_source_was_about_to_hear_is_not_lost_when_it_asks_again() {
    let mut reactor = Reactor::new(Sim::new(1));
    let log = Log::default();
    let h = reactor.handle();
    let listen = |source| -> Id {
        let id = h.listen(&Address::loopback(0)).unwrap();
        h.register(id, source);
        id
    };
    let bad = listen(told("bad", true, &log));
    let good = listen(told("good", false, &log));
    for id in [bad, good] {
        let what = Readiness::READ;
        h.again(Ready { id, what });
    }
    panics(&mut reactor);
    // It was to hear of `read`, and now of `write` as well.
    let (id, what) = (good, Readiness::WRITE);
    h.again(Ready { id, what });
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*log.borrow(), ["good read+write"]);
}

#[test]
fn the_other_startup_triggers_run() {
    let mut reactor = Reactor::new(Sim::new(1));
    let log = Log::default();
    let h = reactor.handle();
    h.before_startup(|_, _| panic!("on purpose"));
    let before = note(&log, "before");
    h.before_startup(|h, hold| {
        before(h);
        h.call_later(Duration::from_secs(1), move |_| drop(hold));
    });
    h.when_running(|_| panic!("on purpose"));
    h.when_running(note(&log, "running"));
    h.after_startup(note(&log, "after"));
    h.after_startup(|h| h.stop().unwrap());
    panics(&mut reactor);
    assert!(catch_unwind(AssertUnwindSafe(|| reactor.run())).is_err());
    assert_eq!(*log.borrow(), ["before"]);
    assert_eq!(h.now().as_millis(), 1_000);
    reactor.run().unwrap();
    assert_eq!(*log.borrow(), ["before", "running", "after"]);
}

#[test]
fn the_other_shutdown_triggers_run_and_the_reactor_stops() {
    let mut reactor = Reactor::new(Sim::new(1));
    let log = Log::default();
    let h = reactor.handle();
    h.before_shutdown(|_, _| panic!("on purpose"));
    let before = note(&log, "before");
    h.before_shutdown(move |h, hold| {
        before(h);
        h.call_later(Duration::from_secs(1), move |_| drop(hold));
    });
    h.during_shutdown(|_| panic!("on purpose"));
    h.during_shutdown(note(&log, "during"));
    h.after_shutdown(note(&log, "after"));
    h.call_soon(|h| h.stop().unwrap());
    for _ in 0..2 {
        assert!(catch_unwind(AssertUnwindSafe(|| reactor.run())).is_err());
        assert!(!reactor.has_stopped());
    }
    assert_eq!(h.now().as_millis(), 1_000);
    reactor.run().unwrap();
    assert!(reactor.has_stopped());
    assert_eq!(*log.borrow(), ["before", "during", "after"]);
}

#[test]
fn a_run_that_panicked_leaves_the_signals_to_the_next() {
    let knobs = Knobs::parse("interrupt=3s").unwrap();
    let mut reactor = Reactor::new(Sim::with(1, knobs));
    let h = reactor.handle();
    h.call_later(Duration::from_secs(1), |_| panic!("on purpose"));
    h.before_shutdown(|h, hold: Hold| {
        h.call_later(Duration::from_secs(2), move |_| drop(hold));
    });
    assert!(catch_unwind(AssertUnwindSafe(|| reactor.run())).is_err());
    reactor.run().unwrap();
    // One signal is told once: a second would not have waited for the hold.
    assert_eq!(h.now().as_millis(), 5_000);
}
