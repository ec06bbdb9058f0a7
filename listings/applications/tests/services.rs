//! Starts in order, stops in reverse; what cannot start, what does not stop, what is told twice.
use applications::{Late, Service, Services, Ticking, TimedJob};
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
                std::mem::forget(never); // it will never fire
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
    let twice = ticking.start(&handle).unwrap_err();
    assert_eq!(twice.to_string(), "beats runs already");
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

/// A job whose runs take so many seconds each; the third one fails, and the fourth panics.
fn job(every: u64, takes: u64) -> (Rc<TimedJob>, Rc<Cell<(usize, usize)>>) {
    let runs = Rc::new(Cell::new((0, 0))); // begun, and done
    let counts = Rc::clone(&runs);
    let job = TimedJob::new("job", Duration::from_secs(every), move |reactor| {
        let (begun, done) = counts.get();
        counts.set((begun + 1, done));
        let counts = Rc::clone(&counts);
        assert!(begun < 3, "as asked");
        deferreds::defer_later(reactor, Duration::from_secs(takes), move |_| {
            let (begun, done) = counts.get();
            counts.set((begun, done + 1));
            match begun {
                3 => Err(Failure::new("the third one fails")),
                _ => Ok(()),
            }
        })
    });
    (job, runs)
}

#[test]
fn a_job_is_never_done_twice_at_once_and_its_stop_waits_for_it() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (job, runs) = job(10, 25);
    job.start(&handle).unwrap();
    assert_eq!(
        job.start(&handle).unwrap_err().to_string(),
        "job runs already"
    );
    let told = Rc::new(Cell::new(0));
    let (stops, tells, counts) = (Rc::clone(&job), Rc::clone(&told), Rc::clone(&runs));
    handle.call_later(Duration::from_secs(35), move |h| {
        assert_eq!(counts.get(), (2, 1), "at 0 and 30 s");
        let clock = h.clone();
        stops.stop(h).on_result(move |result| {
            result.unwrap();
            tells.set(clock.now().as_millis());
            clock.stop().unwrap();
        });
        assert!(
            stops.stop(h).into_result().unwrap().is_ok(),
            "a second stop has nothing to do"
        );
    });
    reactor.run().unwrap();
    assert_eq!((told.get(), runs.get()), (55_000, (2, 2)));
}

#[test]
fn a_run_that_fails_ends_itself_and_not_the_job() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (job, runs) = job(10, 1);
    job.start(&handle).unwrap();
    let (stops, counts) = (Rc::clone(&job), Rc::clone(&runs));
    handle.call_later(Duration::from_secs(25), move |h| {
        assert_eq!(counts.get(), (3, 3));
        drop(stops.stop(h));
        // It can be started again: then the fourth run panics, which ends it.
        stops.start(h).unwrap();
    });
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reactor.run()));
    assert!(panicked.is_err());
    assert_eq!(runs.get(), (4, 3));
    let end = job.stop(&handle).into_result();
    assert!(end.unwrap().is_err(), "nobody says that all is well");
}

#[test]
fn a_stop_that_is_given_up_cancels_the_run() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (job, runs) = job(10, 1_000);
    let all = Services::new("all", Duration::from_secs(2));
    all.add(job);
    all.start(&handle).unwrap();
    let late = Rc::new(Cell::new(false));
    let tells = Rc::clone(&late);
    handle.call_later(Duration::from_secs(5), move |h| {
        let clock = h.clone();
        all.stop(h).on_result(move |result| {
            tells.set(result.unwrap_err().check::<Late>().is_some());
            assert_eq!(clock.now().as_millis(), 7_000);
            clock.stop().unwrap();
        });
    });
    reactor.run().unwrap();
    assert!(late.get());
    assert_eq!(runs.get(), (1, 0), "it was cut off");
}
