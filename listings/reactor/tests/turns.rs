//! The order inside a turn, and what a callback may do.
use reactor::{Reactor, RunError, Sim, StopError};
use std::{cell::RefCell, rc::Rc, time::Duration};

#[test]
fn stop_outside_of_a_run_and_twice_are_different_errors() {
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
}

#[test]
fn equal_deadlines_run_in_the_order_they_were_made() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let seen = Rc::new(RefCell::new(Vec::new()));
    for (name, delay) in [("c", 20), ("a", 10), ("b", 10), ("d", 20)] {
        let seen = Rc::clone(&seen);
        h.call_later(Duration::from_millis(delay), move |_| {
            seen.borrow_mut().push(name)
        });
    }
    h.call_later(Duration::from_millis(30), |h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(*seen.borrow(), ["a", "b", "c", "d"]);
}
