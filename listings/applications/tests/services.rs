//! Starts in order, stops in reverse; what cannot start, what does not stop, what is told twice.
use applications::{Late, Service, Services, Ticking};
use deferreds::{Deferred, Failure, defer_later};
use reactor::{Handle, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    time::Duration,
};

type Log = Rc<RefCell<Vec<String>>>;

/// How one ends.
enum Ends {
    After(u64),
    Never,
    Failing,
}

struct One(&'static str, Log, Ends);

impl Service for One {
    fn name(&self) -> &str {
        self.0
    }
    fn start(&self, _: &Handle) -> Result<(), Failure> {
        self.1.borrow_mut().push(format!("+{}", self.0));
        match self.0 {
            "bad" => Err(Failure::new(io::Error::other("cannot start"))),
            _ => Ok(()),
        }
    }
    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        self.1.borrow_mut().push(format!("-{}", self.0));
        match self.2 {
            Ends::After(seconds) => defer_later(reactor, Duration::from_secs(seconds), |_| Ok(())),
            Ends::Never => {
                let (never, stopped) = Deferred::with_canceller(std::mem::forget);
                std::mem::forget(never); // nobody will ever fire it
                stopped
            }
            Ends::Failing => Deferred::fail(io::Error::other("cannot stop")),
        }
    }
}

/// Starts and stops services in a simulated world; what happened, how it ended, and when.
fn story(ends: Vec<(&'static str, Ends)>) -> (Vec<String>, Result<(), Failure>, u64) {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let log = Log::default();
    let services = Services::new("all", Duration::from_secs(5));
    for (name, end) in ends {
        services.add(Rc::new(One(name, Rc::clone(&log), end)));
    }
    let answer = Rc::new(Cell::new(None));
    let answers = Rc::clone(&answer);
    handle.when_running(move |h| {
        if let Err(failure) = services.start(h) {
            answers.set(Some(Err(failure)));
        } else {
            let again = Rc::clone(&services);
            services
                .stop(h)
                .on_result(move |result| answers.set(Some(result)));
            again
                .stop(h)
                .on_result(|again| assert!(again.is_ok(), "stopped twice, it is done once"));
        }
        h.call_later(Duration::from_secs(60), |h| h.stop().unwrap());
    });
    reactor.run().unwrap();
    let seconds = handle.now().as_millis() / 1000;
    (log.take(), answer.take().expect("it is answered"), seconds)
}

#[test]
fn in_order_and_in_reverse() {
    let (log, result, _) = story(vec![
        ("a", Ends::After(1)),
        ("b", Ends::After(2)),
        ("c", Ends::After(0)),
    ]);
    assert_eq!(log, ["+a", "+b", "+c", "-c", "-b", "-a"]);
    assert!(result.is_ok());
}

#[test]
fn one_that_cannot_start_takes_the_others_back() {
    let (log, result, _) = story(vec![
        ("a", Ends::After(0)),
        ("b", Ends::After(1)),
        ("bad", Ends::Never),
        ("d", Ends::Never),
    ]);
    assert_eq!(
        log,
        ["+a", "+b", "+bad", "-b", "-a"],
        "`bad` has not begun, and `d` is not asked"
    );
    assert_eq!(result.unwrap_err().to_string(), "cannot start");
}

#[test]
fn one_that_does_not_stop_is_given_up_by_name() {
    let (log, result, _) = story(vec![
        ("a", Ends::After(0)),
        ("slow", Ends::Never),
        ("c", Ends::After(0)),
    ]);
    assert_eq!(log, ["+a", "+slow", "+c", "-c", "-slow", "-a"]);
    let failure = result.unwrap_err();
    assert_eq!(
        failure.check::<Late>().map(Late::name),
        Some("slow"),
        "{failure}"
    );
}

#[test]
fn one_that_fails_stops_nobody_from_stopping() {
    let (log, result, _) = story(vec![("a", Ends::After(0)), ("fails", Ends::Failing)]);
    assert_eq!(log, ["+a", "+fails", "-fails", "-a"]);
    assert_eq!(result.unwrap_err().to_string(), "cannot stop");
}

#[test]
fn exactly_at_the_limit_is_in_time_and_later_is_late() {
    let (_, result, _) = story(vec![("a", Ends::After(5))]);
    assert!(result.is_ok(), "its timer was there first");
    let (_, result, _) = story(vec![("a", Ends::After(6))]);
    assert!(result.unwrap_err().check::<Late>().is_some());
}

#[test]
fn a_ticking_service_ticks_from_start_to_stop() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let beats = Rc::new(Cell::new(0));
    let beat = Rc::clone(&beats);
    let ticking = Ticking::new("beats", Duration::from_secs(1), move |_| {
        beat.set(beat.get() + 1)
    });
    ticking.start(&handle).unwrap();
    let stops = Rc::clone(&ticking);
    handle.call_later(Duration::from_millis(3500), move |h| {
        drop(stops.stop(h));
        drop(stops.stop(h));
    });
    handle.call_later(Duration::from_secs(9), |h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(beats.get(), 4, "at 0, 1, 2, 3 s");
}

#[test]
fn a_tree_is_a_service() {
    let (log, inner) = (
        Log::default(),
        Services::new("inner", Duration::from_secs(1)),
    );
    inner.add(Rc::new(One("b", Rc::clone(&log), Ends::After(0))));
    let outer = Services::new("outer", Duration::from_secs(5));
    outer.add(Rc::new(One("a", Rc::clone(&log), Ends::After(0))));
    outer.add(inner);
    let mut reactor = Reactor::new(Sim::new(1));
    outer.start(&reactor.handle()).unwrap();
    let stop = reactor.handle();
    reactor
        .handle()
        .call_soon(move |h| outer.stop(h).on_result(move |_| stop.stop().unwrap()));
    reactor.run().unwrap();
    assert_eq!(log.take(), ["+a", "+b", "-b", "-a"]);
}
