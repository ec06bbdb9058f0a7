//! Signals of this process, and of a simulated one. The real ones are one test, for they are the
//! process's.
use reactor::{Handle, Id, Knobs, Reactor, Readiness, Signal, Sim, Source};
use std::{cell::RefCell, rc::Rc, time::Duration};

#[cfg(all(unix, feature = "signals"))]
#[test]
fn a_real_signal_ends_a_wait_and_stops_the_run() {
    use reactor::Os;
    use std::sync::{Arc, atomic::AtomicBool};
    for signal in [Signal::Interrupt, Signal::Terminate] {
        // In the background of a script a program inherits "ignore SIGINT", which the reactor
        // respects. A handler of the test's own ends that.
        let heard = Arc::new(AtomicBool::new(false));
        let handler = signal_hook::flag::register(signal.number(), heard).unwrap();
        signal_hook::low_level::unregister(handler);
        let mut reactor = Reactor::new(Os::new().unwrap());
        let h = reactor.handle();
        let order = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&order);
        h.during_shutdown(move |_| seen.borrow_mut().push("during"));
        // Another thread raises it when the reactor waits, or is about to: both must end the wait.
        let (waiting, waits) = std::sync::mpsc::channel();
        h.call_later(Duration::from_millis(5), move |_| waiting.send(()).unwrap());
        let raise = std::thread::spawn(move || {
            waits.recv().unwrap();
            signal_hook::low_level::raise(signal.number()).unwrap();
        });
        reactor.run().unwrap();
        raise.join().unwrap();
        assert_eq!(reactor.stopped_by(), Some(signal));
        assert_eq!(*order.borrow(), ["during"]);
    }

    // Signals that a program asks for itself.
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let id = h.signals(&[Signal::User1, Signal::HangUp]).unwrap();
    let heard = Hears::new(id, 2);
    h.register(id, heard.clone());
    h.call_soon(|_| {
        for signal in [Signal::User1, Signal::HangUp] {
            signal_hook::low_level::raise(signal.number()).unwrap();
        }
    });
    reactor.run().unwrap();
    let mut signals = heard.signals.take();
    signals.sort();
    assert_eq!(signals, [Signal::HangUp, Signal::User1]);
    assert_eq!(reactor.stopped_by(), None);
}

/// Writes signals down, and stops after some.
struct Hears {
    id: Id,
    enough: usize,
    signals: RefCell<Vec<Signal>>,
}

impl Hears {
    fn new(id: Id, enough: usize) -> Rc<Hears> {
        Rc::new(Hears {
            id,
            enough,
            signals: RefCell::default(),
        })
    }
}

impl Source for Hears {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
        while let Ok(signal) = h.next_signal(self.id) {
            self.signals.borrow_mut().push(signal);
        }
        if self.signals.borrow().len() == self.enough {
            h.stop().unwrap();
        }
    }
}

#[test]
fn a_simulated_signal_comes_when_the_knob_says() {
    let knobs = Knobs::parse("interrupt=3s").unwrap();
    let mut reactor = Reactor::new(Sim::with(1, knobs));
    reactor.run().unwrap();
    assert_eq!(reactor.handle().now().as_millis(), 3_000);
    assert_eq!(reactor.stopped_by(), Some(Signal::Interrupt));
}

#[test]
fn a_second_signal_does_not_wait_for_those_who_hold_up_the_shutdown() {
    let knobs = Knobs::parse("interrupt=3s,terminate=5s").unwrap();
    let mut reactor = Reactor::new(Sim::with(1, knobs));
    let h = reactor.handle();
    let kept = Rc::new(RefCell::new(None));
    let keep = Rc::clone(&kept);
    h.before_shutdown(move |_, hold| *keep.borrow_mut() = Some(hold));
    reactor.run().unwrap();
    assert_eq!(h.now().as_millis(), 5_000);
    assert_eq!(reactor.stopped_by(), Some(Signal::Terminate));
}

#[test]
fn without_signals_leaves_them_to_somebody_else() {
    let knobs = Knobs::parse("interrupt=3s").unwrap();
    let mut reactor = Reactor::new(Sim::with(1, knobs));
    reactor.without_signals();
    reactor
        .handle()
        .call_later(Duration::from_secs(4), |h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(reactor.stopped_by(), None);
}

/// What a run with these knobs did: which triggers ran, when it ended, which signal ended it.
fn run(knobs: &str, begin: impl FnOnce(&Handle)) -> (Vec<&'static str>, u64, Option<Signal>) {
    let mut reactor = Reactor::new(Sim::with(1, Knobs::parse(knobs).unwrap()));
    let h = reactor.handle();
    let log: Rc<RefCell<Vec<&'static str>>> = Rc::default();
    let (before, during) = (Rc::clone(&log), Rc::clone(&log));
    h.before_shutdown(move |h, hold| {
        before.borrow_mut().push("before");
        h.call_later(Duration::from_secs(10), move |_| drop(hold));
    });
    h.during_shutdown(move |_| during.borrow_mut().push("during"));
    begin(&h);
    reactor.run().unwrap();
    let log = log.take();
    (log, h.now().as_millis(), reactor.stopped_by())
}

#[test]
fn the_first_signal_of_a_shutdown_that_goes_on_already_does_not_end_it() {
    let stop = |h: &Handle| {
        h.call_soon(|h| h.stop().unwrap());
    };
    let both = vec!["before", "during"];
    assert_eq!(run("terminate=3s", stop), (both.clone(), 10_000, None));
    let by = Some(Signal::Interrupt);
    assert_eq!(run("terminate=3s,interrupt=4s", stop), (both, 4_000, by));
}

#[test]
fn two_signals_that_came_in_one_wait_are_one() {
    let (log, at, by) = run("terminate=3s,interrupt=3s", |_| ());
    assert_eq!((log, at), (vec!["before", "during"], 13_000));
    assert!(by.is_some());
}

#[test]
fn a_second_signal_while_the_startup_is_held_up_waits_for_nobody() {
    let mut kept = None;
    let started = Rc::new(RefCell::new(false));
    let keep = Rc::new(RefCell::new(None));
    let (holds, says) = (Rc::clone(&keep), Rc::clone(&started));
    let (log, at, by) = run("terminate=3s,interrupt=4s", move |h| {
        h.before_startup(move |_, hold| *holds.borrow_mut() = Some(hold));
        h.when_running(move |_| *says.borrow_mut() = true);
    });
    kept.clone_from(&*keep.borrow());
    assert_eq!((log, at), (vec!["before", "during"], 4_000));
    assert_eq!(by, Some(Signal::Interrupt));
    assert!(
        !*started.borrow(),
        "what had not started is not started now"
    );
    drop(kept);
}
