//! Pokes at given times, in virtual time, and looks at when the call came.
use debounce::Debounce;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::reactor::{Reactor, Sim};

const QUIET: u64 = 50;

/// Pokes at these milliseconds; returns those at which the call came.
fn calls(pokes: &[u64]) -> Vec<u64> {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let times = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&times);
    let debounce = Rc::new(Debounce::new(
        &handle,
        Duration::from_millis(QUIET),
        move |reactor| {
            log.borrow_mut().push(reactor.now().as_millis());
        },
    ));
    for &at in pokes {
        let debounce = Rc::clone(&debounce);
        handle.call_later(Duration::from_millis(at), move |_| debounce.poke());
    }
    handle.call_later(Duration::from_secs(5), |reactor| {
        reactor.stop().expect("it runs")
    });
    reactor.run().expect("it runs until it is told to stop");
    times.take()
}

#[test]
fn nothing_happens_before_a_poke() {
    assert_eq!(calls(&[]), [], "there was no poke, so there is no call");
}

#[test]
fn one_poke_is_one_call() {
    assert_eq!(
        calls(&[100]),
        [150],
        "one poke at 100 ms: one call, 50 ms later"
    );
}

#[test]
fn a_burst_is_one_call() {
    let times = calls(&[0, 30]);
    assert_eq!(
        times.len(),
        1,
        "two pokes in a row: each poke must move the one call, but there were calls at {times:?} ms"
    );
    let at = times[0];
    assert!(
        at >= 80,
        "the last poke was at 30 ms, but it was called at {at} ms: that is no 50 ms of quiet"
    );
    assert_eq!(
        at, 80,
        "quiet is counted from now, the moment of the last poke at 30 ms"
    );
}

#[test]
fn after_the_call_it_starts_anew() {
    assert_eq!(
        calls(&[0, 30, 500, 520]),
        [80, 570],
        "the second burst must give a second call"
    );
}

#[test]
fn the_call_itself_may_poke() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let itself: Rc<RefCell<Option<Rc<Debounce>>>> = Rc::default();
    let again = Rc::clone(&itself);
    let debounce = Rc::new(Debounce::new(
        &handle,
        Duration::from_millis(QUIET),
        move |reactor| match again.take() {
            Some(debounce) => debounce.poke(),
            None => reactor.stop().expect("it runs"),
        },
    ));
    itself.replace(Some(Rc::clone(&debounce)));
    debounce.poke();
    let result = reactor.run();
    assert!(
        result.is_ok(),
        "a poke from inside the call must lead to another call, but: {result:?}"
    );
    assert_eq!(
        handle.now().as_millis(),
        100,
        "the poke from inside came at 50 ms: the second call comes 50 ms later"
    );
}
