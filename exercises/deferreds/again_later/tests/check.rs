//! Lets tries fail, in virtual time, and notes when each was made.
use again_later::again;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::{Cancelled, Canceller, Deferred, Failure, Resolver, defer_later},
    reactor::{Handle, Reactor, Sim},
};

const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// What became of it; the seconds at which it was tried.
type Run = (Option<Result<u32, Failure>>, Vec<u64>);

/// Each try takes half a second. The one with this number succeeds, the others fail with their number.
fn run(pauses: &[Duration], succeeds: u32, cancel_after: Option<Duration>) -> Run {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let tries: Rc<RefCell<Vec<u64>>> = Rc::default();
    let (log, h) = (tries.clone(), handle.clone());
    let result = again(&handle, pauses, move || {
        log.borrow_mut().push(h.now().as_millis() / 1000);
        let number = log.borrow().len() as u32;
        assert!(number < 20, "it was tried 20 times, and no end");
        defer_later(&h, Duration::from_millis(500), move |_| {
            if number == succeeds {
                Ok(number)
            } else {
                Err(Failure::new(format!("try {number}")))
            }
        })
    });
    assert_eq!(tries.borrow().len(), 1, "the first try is made at once");
    if let Some(after) = cancel_after {
        let canceller = result.canceller();
        handle.call_later(after, move |_| canceller.cancel());
    }
    handle.call_later(Duration::from_secs(60), |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs until it is told to stop");
    (result.into_result().ok(), tries.take())
}

fn value(result: Option<Result<u32, Failure>>) -> u32 {
    match result {
        Some(Ok(value)) => value,
        Some(Err(failure)) => panic!("a try gave a value, and it failed with {failure}"),
        None => panic!("a try gave a value, and it waits"),
    }
}

fn failure(result: Option<Result<u32, Failure>>, why: &str) -> Failure {
    match result {
        Some(Err(failure)) => failure,
        Some(Ok(value)) => panic!("{why}, and there is a value: {value}"),
        None => panic!("{why}, and it waits"),
    }
}

#[test]
fn a_value_ends_it() {
    let (result, tries) = run(&PAUSES, 1, None);
    assert_eq!(value(result), 1, "(value) it is that of the first try");
    assert_eq!(
        tries,
        [0],
        "(seconds of the tries) after a value there is no other try"
    );
    let (result, tries) = run(&PAUSES, 3, None);
    assert!(
        tries.get(1) != Some(&0),
        "the second try was made without a pause; (seconds of the tries) {tries:?}"
    );
    // It fails at 0.5 s, is tried at 1.5 s, fails at 2 s, and is tried at 4 s.
    assert_eq!(
        tries,
        [0, 1, 4],
        "(seconds of the tries) a pause begins with the failure"
    );
    assert_eq!(value(result), 3, "(value) it is that of the third try");
}

#[test]
fn after_the_last_pause_it_fails() {
    let (result, tries) = run(&PAUSES, 99, None);
    assert_eq!(
        tries.len(),
        4,
        "one try at once and one try after each pause; (seconds of the tries) {tries:?}"
    );
    assert_eq!(
        tries,
        [0, 1, 4, 8],
        "(seconds of the tries) the pauses are 1, 2 and 4 s"
    );
    let failure = failure(result, "the last try has failed");
    assert_eq!(
        failure.to_string(),
        "try 4",
        "it fails with the failure of the last try"
    );
    let (result, tries) = run(&[], 99, None);
    assert_eq!(tries, [0], "with no pauses there is one try");
    let _ = self::failure(
        result,
        "with no pauses the first try is the last, and it has failed",
    );
}

#[test]
fn cancelled_in_a_pause_it_ends() {
    // In the second pause.
    let (result, tries) = run(&PAUSES, 99, Some(Duration::from_secs(3)));
    assert_eq!(
        tries,
        [0, 1],
        "it was cancelled in a pause at 3 s; (seconds of the tries)"
    );
    let failure = failure(result, "it was cancelled in a pause");
    assert!(
        failure.check::<Cancelled>().is_some(),
        "it was cancelled in a pause, and fails with something else: {failure:?}"
    );
}

#[test]
fn cancelled_in_a_try_it_ends() {
    let (result, tries) = run(&PAUSES, 99, Some(Duration::from_millis(1_700)));
    assert_eq!(
        tries,
        [0, 1],
        "it was cancelled, and it was tried again; (seconds of the tries)"
    );
    let _ = failure(
        result,
        "it was cancelled in a try, and the try failed by that",
    );
}

#[test]
fn cancelling_reaches_the_try() {
    let reactor = Reactor::new(Sim::new(1));
    let handle: Handle = reactor.handle();
    let kept: Rc<RefCell<Vec<Resolver<u32>>>> = Rc::default();
    let keep = kept.clone();
    let result = again(&handle, &PAUSES, move || {
        let (resolver, deferred) = Deferred::new();
        keep.borrow_mut().push(resolver);
        deferred
    });
    let canceller: Canceller = result.canceller();
    canceller.cancel();
    let tries = kept.borrow();
    assert!(
        tries[0].is_cancelled(),
        "`again` was cancelled, and the try goes on"
    );
    let _ = failure(
        result.into_result().ok(),
        "the try was cancelled, and failed by that",
    );
}

/// Tries that go on until they are cancelled, and then end in a way of their own.
fn cancelled_in_a_try_that(answers: impl Fn(Resolver<u32>) + Clone + 'static) -> Run {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let tries: Rc<RefCell<Vec<u64>>> = Rc::default();
    let (log, h) = (tries.clone(), handle.clone());
    let result = again(&handle, &PAUSES, move || {
        log.borrow_mut().push(h.now().as_millis() / 1000);
        let (resolver, deferred) = Deferred::with_canceller(answers.clone());
        h.call_later(Duration::from_secs(3_600), move |_| drop(resolver));
        deferred
    });
    let canceller = result.canceller();
    handle.call_later(Duration::from_secs(2), move |_| canceller.cancel());
    handle.call_later(Duration::from_secs(60), |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs until it is told to stop");
    (result.into_result().ok(), tries.take())
}

#[test]
fn a_try_may_answer_a_cancel_in_its_own_words() {
    let (result, tries) =
        cancelled_in_a_try_that(|instead| instead.errback(Failure::new("withdrawn")));
    assert_eq!(
        tries,
        [0],
        "it was cancelled in a try, which failed by that with \"withdrawn\", and it was tried again; (seconds of the tries)"
    );
    let failure = failure(
        result,
        "it was cancelled in a try, and the try failed by that",
    );
    assert_eq!(
        failure.to_string(),
        "withdrawn",
        "the try that was cancelled says how it ended"
    );
}

#[test]
fn a_cancel_that_is_not_its_own_is_a_failure_like_others() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let tries = Rc::new(RefCell::new(0));
    let log = tries.clone();
    let result = again(&handle, &PAUSES, move || {
        *log.borrow_mut() += 1;
        match *log.borrow() {
            1 => Deferred::fail(Cancelled),
            number => Deferred::succeed(number),
        }
    });
    handle.call_later(Duration::from_secs(60), |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs until it is told to stop");
    assert_eq!(
        *tries.borrow(),
        2,
        "(tries) the first try failed with `Cancelled`, and `again` was not cancelled: try again"
    );
    assert_eq!(
        value(result.into_result().ok()),
        2,
        "(value) it is that of the second try"
    );
}
