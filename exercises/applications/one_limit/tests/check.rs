//! Stops services that take their time, and looks who was told to stop, when, and who was given up.
use one_limit::stop_within;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    applications::Service,
    deferreds::{Deferred, Failure, defer_later},
    reactor::{Handle, Reactor, Sim},
};

type Log = Rc<RefCell<Vec<String>>>;

#[derive(Clone, Copy)]
enum How {
    At(u64),
    Never,
    Fails,
}

struct One(&'static str, How, Log);

impl Service for One {
    fn name(&self) -> &str {
        self.0
    }
    fn start(&self, _: &Handle) -> Result<(), Failure> {
        Ok(())
    }
    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        self.2
            .borrow_mut()
            .push(format!("{}: {}", reactor.now().as_millis() / 1000, self.0));
        match self.1 {
            How::At(0) => Deferred::succeed(()),
            How::At(seconds) => defer_later(reactor, Duration::from_secs(seconds), |_| Ok(())),
            How::Fails => Deferred::fail(Failure::new("cannot stop")),
            How::Never => {
                // It does not listen to a cancel either.
                let (never, stopped) = Deferred::with_canceller(std::mem::forget);
                std::mem::forget(never);
                stopped
            }
        }
    }
}

/// Stops them within ten seconds: who was told when, who was given up, and when that was known.
fn story(all: &[(&'static str, How)]) -> (Vec<String>, Vec<String>, u64) {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let log = Log::default();
    let services = all
        .iter()
        .map(|(name, how)| Rc::new(One(name, *how, Rc::clone(&log))) as Rc<dyn Service>)
        .collect();
    let answer = Rc::new(RefCell::new(None));
    let (answers, clock) = (Rc::clone(&answer), handle.clone());
    stop_within(&handle, Duration::from_secs(10), services).on_result(move |result| {
        let late = result.expect("it fires with names and not with a failure");
        *answers.borrow_mut() = Some((late, clock.now().as_millis() / 1000));
    });
    while handle.now().as_millis() < 100_000 {
        reactor
            .turn(Some(Duration::from_millis(500)))
            .expect("it turns");
    }
    let (late, at) = answer.take().expect("it fires within 100 s");
    (log.take(), late, at)
}

#[test]
fn in_reverse_and_one_after_the_other() {
    let (log, late, at) = story(&[("a", How::At(1)), ("b", How::At(2)), ("c", How::At(0))]);
    assert_eq!(
        log,
        ["0: c", "0: b", "2: a"],
        "in reverse, each when the one before it has stopped"
    );
    assert_eq!(
        (late, at),
        (vec![], 3),
        "all have stopped, and so it fires, at 3 s"
    );
    let (_, late, at) = story(&[]);
    assert_eq!((late, at), (vec![], 0), "there is nothing to stop");
}

#[test]
fn one_hangs() {
    let (log, late, at) = story(&[("a", How::At(0)), ("b", How::Never), ("c", How::At(3))]);
    assert_eq!(
        log,
        ["0: c", "3: b", "10: a"],
        "c took 3 of the 10 s, so b has the 7 that are left; the limit is one for all"
    );
    assert_eq!(
        (late, at),
        (vec!["b".to_owned()], 10),
        "b is given up when the time of all is over"
    );
}

#[test]
fn nobody_is_left_out() {
    let (log, late, at) = story(&[
        ("a", How::Never),
        ("b", How::At(0)),
        ("c", How::At(5)),
        ("d", How::Never),
    ]);
    assert_eq!(
        log,
        ["0: d", "10: c", "10: b", "10: a"],
        "no time is left, and all the others are told to stop all the same"
    );
    assert_eq!(
        (late, at),
        (vec!["d".to_owned(), "c".to_owned(), "a".to_owned()], 10),
        "those that had not stopped when the time was over are given up, in the order in which they were told; b stopped at once, and is not among them"
    );
}

#[test]
fn a_failure_is_an_end() {
    let (log, late, at) = story(&[("a", How::At(1)), ("b", How::Fails)]);
    assert_eq!(
        log,
        ["0: b", "0: a"],
        "b cannot stop, which is an end: a is told to stop"
    );
    assert_eq!(
        (late, at),
        (vec![], 1),
        "a failure is an end, and b is not late"
    );
}
