//! Startup and shutdown that wait for Deferreds.
mod help;
mod reported;
use deferreds::{Deferred, Failure, before_shutdown, before_startup, defer_later};
use help::{Log, sim};
use reported::reported;
use std::{rc::Rc, time::Duration};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_startup_awaits_all_that_was_asked_before() {
    let (mut reactor, h) = sim();
    let log = Log::default();
    for (name, time) in [("slow", 3), ("fast", 1)] {
        let log = log.clone();
        before_startup(&h, move |h| {
            log.note(format!("{name}?"));
            defer_later(h, time * SECOND, move |_| {
                log.note(format!("{name}!"));
                Ok(())
            })
        });
    }
    before_startup(&h, |_| Ok("a result that is there"));
    let last = log.clone();
    h.when_running(move |h| {
        last.note(format!("runs at {}", h.now().as_millis()));
        h.stop().unwrap();
    });
    reactor.run().unwrap();
    assert_eq!(log.take(), "slow? fast? fast! slow! runs at 3000");
}

#[test]
fn the_shutdown_awaits_all_that_was_asked_before() {
    let (mut reactor, h) = sim();
    let log = Log::default();
    for (name, time) in [("slow", 3), ("fast", 1)] {
        let log = log.clone();
        before_shutdown(&h, move |h| {
            log.note(format!("{name}?"));
            defer_later(h, time * SECOND, move |_| {
                log.note(format!("{name}!"));
                Ok(())
            })
        });
    }
    let last = log.clone();
    h.during_shutdown(move |h| last.note(format!("stops at {}", h.now().as_millis())));
    h.call_soon(|h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(log.take(), "slow? fast? fast! slow! stops at 3000");
}

#[test]
fn a_failure_or_a_forgotten_promise_holds_nothing_up_and_is_reported() {
    let lines = reported(|| {
        let (mut reactor, h) = sim();
        before_startup(&h, |_| Err::<(), _>(Failure::new("at once")));
        before_startup(&h, |h| {
            defer_later(h, SECOND, |_| Err::<(), _>(Failure::new("later")))
        });
        before_shutdown(&h, |_| Deferred::<()>::new().1);
        h.when_running(|h| h.stop().unwrap());
        reactor.run().unwrap();
        assert_eq!(h.now().since_start(), SECOND);
    });
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, failure) in lines.iter().zip(["at once", "later", "its resolver"]) {
        assert!(line.contains(failure), "{line}");
    }
}

#[test]
fn one_that_comes_too_late_or_never_is_dropped() {
    let alive = Rc::new(());
    let (mut reactor, h) = sim();
    h.call_soon(|h| h.stop().unwrap());
    let captured = alive.clone();
    before_startup(&h, move |_| Ok(captured));
    reactor.run().unwrap();
    let (one, two) = (alive.clone(), alive.clone());
    before_startup(&h, move |_| Ok(one));
    before_shutdown(&h, move |_| Ok(two));
    assert_eq!(Rc::strong_count(&alive), 1);

    let (reactor, h) = sim();
    let (one, two) = (alive.clone(), alive.clone());
    before_startup(&h, move |_| Ok(one));
    before_shutdown(&h, move |_| Ok(two));
    drop(reactor);
    assert_eq!(Rc::strong_count(&alive), 1);
}
