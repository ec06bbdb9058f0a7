//! Ends the work in each way, and looks at the lamp.
use in_the_light::{Lamp, in_the_light};
use std::{cell::Cell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::{Deferred, Failure, Resolver, TimedOut},
    reactor::{Reactor, Sim},
};

/// Begins a work; returns the lamp, the resolver that ends the work, and what was returned.
fn begin() -> (Lamp, Resolver<u32>, Deferred<u32>) {
    let lamp = Lamp::default();
    let (resolver, deferred) = Deferred::new();
    let (seen, calls) = (lamp.clone(), Rc::new(Cell::new(0)));
    let called = calls.clone();
    let work = in_the_light(&lamp, move || {
        called.set(called.get() + 1);
        assert!(seen.is_on(), "the work begins in the dark");
        deferred
    });
    assert_eq!(
        calls.get(),
        1,
        "(calls) the work is called once, before it returns"
    );
    assert!(
        lamp.is_on(),
        "the lamp is off already, and the work goes on in the dark"
    );
    let work = match work.into_result() {
        Err(waits) => waits,
        Ok(_) => panic!("the work has not ended, and there is a result"),
    };
    (lamp, resolver, work)
}

#[test]
fn off_after_a_value() {
    let (lamp, resolver, work) = begin();
    let seen = lamp.clone();
    let work = work.add_callback(move |n| {
        assert!(
            !seen.is_on(),
            "the work has ended, and the next stage still has light"
        );
        Ok(n)
    });
    resolver.callback(7);
    assert!(
        !lamp.is_on(),
        "the work has a value, and the lamp is still on"
    );
    match work.into_result() {
        Ok(Ok(value)) => assert_eq!(value, 7, "(value) it is the work's"),
        other => panic!("the work gave 7, but the caller has {other:?}"),
    }
}

#[test]
fn off_after_a_failure() {
    let (lamp, resolver, work) = begin();
    resolver.errback(Failure::new("no ink"));
    assert!(
        !lamp.is_on(),
        "the work has failed, and the lamp is still on"
    );
    match work.into_result() {
        Ok(Err(failure)) => assert_eq!(
            failure.to_string(),
            "no ink",
            "the caller is given another failure than the work had"
        ),
        other => panic!("the work failed with \"no ink\", but the caller has {other:?}"),
    }
}

#[test]
fn off_after_a_timeout() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (lamp, resolver, work) = begin();
    let work = work.add_timeout(&handle, Duration::from_secs(5));
    handle.call_later(Duration::from_secs(6), |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs until it is told to stop");
    assert!(
        resolver.is_cancelled(),
        "the caller has cancelled, and the work goes on"
    );
    assert!(!lamp.is_on(), "the time is over, and the lamp is still on");
    let failure = work
        .into_result()
        .expect("it timed out, so there is a result")
        .expect_err("it timed out, so that is a failure");
    assert!(
        failure.check::<TimedOut>().is_some(),
        "the caller should hear TimedOut, not {failure:?}"
    );
}

#[test]
fn off_after_a_cancel() {
    let (lamp, resolver, work) = begin();
    let seen = lamp.clone();
    let work = work.add_both(move |result| {
        assert!(
            !seen.is_on(),
            "it was cancelled, and the next stage still has light"
        );
        result
    });
    work.canceller().cancel();
    assert!(
        resolver.is_cancelled(),
        "the caller has cancelled, and the work goes on"
    );
    assert!(!lamp.is_on(), "it was cancelled, and the lamp is still on");
    let failed = work.into_result().is_ok_and(|result| result.is_err());
    assert!(failed, "it was cancelled, so it fails at once");
}
