//! Startup, shutdown, and what misuse of `run` and `stop` returns.
use reactor::{Handle, Hold, Phases, Reactor, RunError, Sim, StopError, Time};
use std::{cell::RefCell, io, rc::Rc, time::Duration};

type Log = Rc<RefCell<Vec<&'static str>>>;

fn note(log: &Log, name: &'static str) -> impl FnOnce(&Handle) + use<> {
    let log = Rc::clone(log);
    move |_| log.borrow_mut().push(name)
}

fn hold(log: &Log, name: &'static str, millis: u64) -> impl FnOnce(&Handle, Hold) + use<> {
    let log = Rc::clone(log);
    move |h, hold| {
        log.borrow_mut().push(name);
        h.call_later(Duration::from_millis(millis), move |_| drop(hold));
    }
}

#[test]
fn startup_is_before_then_during_then_after_and_waits_for_those_before() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    h.after_startup(note(&log, "after"));
    h.when_running(note(&log, "running"));
    h.before_startup(hold(&log, "before", 20));
    h.before_startup(hold(&log, "before, too", 10));
    h.call_later(Duration::from_millis(15), note(&log, "15 ms"));
    h.after_startup(|h| {
        assert_eq!(h.now(), Time::from_millis(20));
        h.stop().unwrap();
    });
    reactor.run().unwrap();
    assert_eq!(
        *log.borrow(),
        ["before", "before, too", "15 ms", "running", "after"]
    );
}

#[test]
fn shutdown_is_before_then_during_then_after_and_turns_until_the_last_hold_is_gone() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    h.after_shutdown(note(&log, "after"));
    h.during_shutdown(note(&log, "during"));
    h.before_shutdown(hold(&log, "before", 30));
    h.before_shutdown(hold(&log, "before, too", 10));
    h.call_later(Duration::from_millis(20), note(&log, "a timer meanwhile"));
    h.call_soon(|h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(
        *log.borrow(),
        [
            "before",
            "before, too",
            "a timer meanwhile",
            "during",
            "after"
        ]
    );
    assert_eq!(h.now(), Time::from_millis(30));
    assert!(reactor.has_stopped());
}

#[test]
fn clones_of_a_hold_are_all_waited_for() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    h.before_shutdown(|h, hold| {
        for seconds in 1..=5 {
            let hold = hold.clone();
            h.call_later(Duration::from_secs(seconds), move |_| drop(hold));
        }
    });
    h.call_soon(|h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(h.now(), Time::from_secs(5));
}

#[test]
fn a_hold_that_is_never_dropped_is_seen_in_a_simulation() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let kept: Rc<RefCell<Option<Hold>>> = Rc::default();
    let keep = Rc::clone(&kept);
    h.before_shutdown(move |_, hold| *keep.borrow_mut() = Some(hold));
    h.call_soon(|h| h.stop().unwrap());
    assert!(reactor.run().unwrap_err().is_stalled());
    // Its owner can still let go, and the shutdown goes on.
    kept.take();
    reactor.run().unwrap();
}

#[test]
fn triggers_that_come_too_late_are_dropped_and_when_running_is_not() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let (late, soon) = (note(&log, "late"), note(&log, "soon"));
    let (before, during) = (note(&log, "before"), note(&log, "during"));
    h.call_soon(move |h| {
        h.before_startup(move |h, _| late(h));
        h.when_running(soon);
        h.call_later(Duration::ZERO, |h| h.stop().unwrap());
    });
    h.before_shutdown(move |h, _| {
        h.before_shutdown(move |h, _| before(h)); // it is being told already
        h.during_shutdown(during); // that is still to come
    });
    reactor.run().unwrap();
    assert_eq!(*log.borrow(), ["soon", "during"]);
}

#[test]
fn stop_before_while_and_after_are_three_different_errors() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    assert_eq!(h.stop(), Err(StopError::NotRunning));
    h.call_soon(|h| {
        assert_eq!(h.stop(), Ok(()));
        assert_eq!(h.stop(), Err(StopError::Stopping));
    });
    reactor.run().unwrap();
    assert_eq!(h.stop(), Err(StopError::Stopped));
    assert!(matches!(reactor.run(), Err(RunError::NotRestartable)));
    assert_eq!(
        reactor.turn(None).unwrap_err().kind(),
        io::ErrorKind::NotConnected
    );
}

#[test]
fn stop_lets_the_turn_come_to_its_end() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    h.call_soon(|h| h.stop().unwrap());
    h.call_soon(note(&log, "the next call of this turn"));
    h.call_later(Duration::ZERO, note(&log, "a timer of this turn"));
    h.call_later(Duration::from_secs(1), note(&log, "never"));
    reactor.run().unwrap();
    assert_eq!(
        *log.borrow(),
        ["the next call of this turn", "a timer of this turn"]
    );
    assert_eq!(h.now(), Time::ZERO);
}

#[test]
fn what_else_the_last_turn_has_to_do_it_does_and_no_more() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    h.after_shutdown(note(&log, "the last trigger"));
    let (call, timer) = (note(&log, "a call"), note(&log, "a timer"));
    let never = note(&log, "never");
    h.call_soon(|h| {
        h.stop().unwrap();
        h.call_soon(call); // behind the shutdown in the queue
        h.call_later(Duration::ZERO, timer);
        h.call_later(Duration::from_nanos(1), never);
    });
    reactor.run().unwrap();
    assert_eq!(*log.borrow(), ["the last trigger", "a call", "a timer"]);
}

#[test]
fn the_turn_that_stops_comes_to_its_end_for_those_who_asked() {
    struct Flush(Log);
    impl Phases for Flush {
        fn turn_ends(self: Rc<Self>, _: &Handle) {
            self.0.borrow_mut().push("sent");
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let flush = Rc::new(Flush(Rc::clone(&log)));
    h.during_shutdown(move |h| h.at_end(flush));
    h.call_soon(|h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(*log.borrow(), ["sent"]);
}

#[test]
fn fail_stops_and_run_gives_the_first_failure() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    h.during_shutdown(note(&log, "during"));
    h.call_soon(|h| {
        h.fail("the first");
        h.fail("the second");
    });
    let error = reactor.run().unwrap_err();
    assert!(matches!(error, RunError::Failed(_)));
    assert_eq!(error.to_string(), "the first");
    assert_eq!(*log.borrow(), ["during"]);
}

#[test]
fn a_failure_before_the_first_turn_is_not_lost() {
    let mut reactor = Reactor::new(Sim::new(1));
    reactor.handle().fail("no port");
    assert_eq!(reactor.run().unwrap_err().to_string(), "no port");
}

#[test]
fn who_turns_the_reactor_is_given_its_failure_once() {
    let mut reactor = Reactor::new(Sim::new(1));
    reactor.handle().call_soon(|h| h.fail("no port"));
    assert!(reactor.take_failure().is_none());
    while !reactor.has_stopped() {
        assert!(reactor.take_failure().is_none(), "it has not stopped yet");
        reactor.turn(None).unwrap();
    }
    assert_eq!(reactor.take_failure().unwrap().to_string(), "no port");
    assert!(reactor.take_failure().is_none());

    let mut early = Reactor::new(Sim::new(1));
    early.handle().fail("no port");
    assert!(early.take_failure().is_some());
}

#[test]
fn a_run_error_becomes_an_io_error() {
    let mut reactor = Reactor::new(Sim::new(1));
    let error: io::Error = reactor.run().unwrap_err().into();
    assert!(reactor::is_stalled(&error));
}

#[test]
fn a_stop_while_the_startup_is_held_up_waits_for_it() {
    for later in [false, true] {
        let mut reactor = Reactor::new(Sim::new(1));
        let h = reactor.handle();
        let log = Log::default();
        h.before_startup(move |h, hold| {
            h.stop().unwrap();
            assert_eq!(h.stop(), Err(StopError::Stopping));
            if later {
                h.call_later(Duration::from_secs(1), move |_| drop(hold));
            }
        });
        h.when_running(note(&log, "running"));
        h.after_startup(note(&log, "after startup"));
        let before = note(&log, "what a startup trigger added");
        // What was started must hear of the end.
        h.when_running(|h| h.before_shutdown(|h, _| before(h)));
        h.before_shutdown(hold(&log, "before shutdown", 10));
        h.during_shutdown(note(&log, "during shutdown"));
        h.after_shutdown(note(&log, "after shutdown"));
        reactor.run().unwrap();
        assert_eq!(
            *log.borrow(),
            [
                "running",
                "after startup",
                "before shutdown",
                "what a startup trigger added",
                "during shutdown",
                "after shutdown"
            ]
        );
        assert_eq!(h.now(), Time::from_millis(if later { 1_010 } else { 10 }));
    }
}

#[test]
fn a_startup_trigger_that_panics_after_a_stop_keeps_the_order() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    h.before_startup(|h, _| h.stop().unwrap());
    h.when_running(|_| panic!("on purpose"));
    h.after_startup(note(&log, "after startup"));
    h.during_shutdown(note(&log, "during shutdown"));
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reactor.run()));
    assert!(run.is_err());
    reactor.run().unwrap();
    assert_eq!(*log.borrow(), ["after startup", "during shutdown"]);
}

#[test]
fn when_running_while_it_runs_is_a_call_of_the_next_pass() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let (soon, queued) = (note(&log, "when running"), note(&log, "a call after it"));
    h.call_soon(|h| {
        h.when_running(soon);
        h.call_soon(queued);
    });
    h.call_soon(note(&log, "a call of this pass"));
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*log.borrow(), ["a call of this pass"]);
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(log.borrow()[1..], ["when running", "a call after it"]);
}
