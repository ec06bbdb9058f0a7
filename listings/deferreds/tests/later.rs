//! Calls that are made later, as Deferreds.
mod help;
use deferreds::{Abandoned, Cancelled, Deferred, Failure, TimedOut, defer_later};
use help::{failure, is, sim, until_stalled, value};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn it_fires_with_what_the_function_gives_when_the_time_has_come() {
    let (mut reactor, h) = sim();
    let at = defer_later(&h, SECOND, |h| Ok(h.now().since_start()));
    let failed = defer_later(&h, SECOND, |_| Err::<(), _>(Failure::new("no poem")));
    until_stalled(&mut reactor);
    assert_eq!(value(at), SECOND);
    assert_eq!(failure(failed).to_string(), "no poem");
}

#[test]
fn it_waits_for_a_deferred_that_the_function_gives() {
    let (mut reactor, h) = sim();
    let at = defer_later(&h, SECOND, |h| {
        defer_later(h, SECOND, |h| Ok(h.now().since_start()))
    });
    until_stalled(&mut reactor);
    assert_eq!(value(at), 2 * SECOND);
}

#[test]
fn cancelling_removes_the_timer_and_drops_the_function() {
    let (mut reactor, h) = sim();
    let inside = Rc::new(());
    let captured = inside.clone();
    let d = defer_later(&h, SECOND, move |_| {
        drop(captured);
        Ok(())
    });
    // What the startup has to do is done.
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert!(reactor.next_deadline().is_some());
    d.canceller().cancel();
    assert_eq!(reactor.next_deadline(), None);
    assert_eq!(Rc::strong_count(&inside), 1);
    assert!(is::<Cancelled, _>(d));
}

#[test]
fn cancelled_while_it_waits_it_cancels_what_it_waits_for() {
    let (mut reactor, h) = sim();
    let d = defer_later(&h, SECOND, |h| {
        defer_later(h, Duration::from_secs(60), |_| Ok(1)).add_errback(|failure| {
            failure.trap::<Cancelled>()?;
            Ok(2)
        })
    });
    let canceller = d.canceller();
    h.call_later(2 * SECOND, move |_| canceller.cancel());
    until_stalled(&mut reactor);
    assert_eq!(h.now().since_start(), 2 * SECOND);
    assert_eq!(value(d), 2);
}

#[test]
fn the_function_may_cancel_its_own_deferred() {
    let (mut reactor, h) = sim();
    let canceller = Rc::new(RefCell::new(None::<deferreds::Canceller>));
    let own = canceller.clone();
    let d = defer_later(&h, SECOND, move |_| {
        own.take().expect("it was kept").cancel();
        Ok("too late")
    });
    *canceller.borrow_mut() = Some(d.canceller());
    until_stalled(&mut reactor);
    assert!(is::<Cancelled, _>(d));
}

#[test]
fn a_timeout_ends_the_wait_and_leaves_no_timer() {
    let (mut reactor, h) = sim();
    let d = defer_later(&h, 60 * SECOND, |_| Ok(())).add_timeout(&h, SECOND);
    until_stalled(&mut reactor);
    assert_eq!(h.now().since_start(), SECOND);
    assert!(is::<TimedOut, _>(d));
}

#[test]
fn dropping_the_reactor_abandons_it_and_frees_everything() {
    let alive = Rc::new(());
    let (reactor, h) = sim();
    let captured = alive.clone();
    let d = defer_later(&h, SECOND, move |_| Ok(captured));
    let seen = Rc::new(Cell::new(false));
    let (told, kept) = (seen.clone(), alive.clone());
    drop(d.add_errback(move |failure| {
        failure.trap::<Abandoned>()?;
        told.set(true);
        Ok(kept)
    }));
    drop(reactor);
    assert!(seen.get());
    assert_eq!(Rc::strong_count(&alive), 1);
}

#[test]
fn a_dropped_deferred_still_calls() {
    let (mut reactor, h) = sim();
    let called = Rc::new(Cell::new(false));
    let seen = called.clone();
    drop(defer_later(&h, SECOND, move |_| {
        seen.set(true);
        Ok(())
    }));
    until_stalled(&mut reactor);
    assert!(called.get());
}

#[test]
fn a_panic_goes_through_and_abandons_it() {
    let (mut reactor, h) = sim();
    let d: Deferred<()> = defer_later(&h, SECOND, |_| -> Result<(), Failure> { panic!("a bug") });
    let run = catch_unwind(AssertUnwindSafe(|| reactor.run()));
    assert_eq!(
        run.unwrap_err().downcast_ref::<&str>().copied(),
        Some("a bug")
    );
    assert!(is::<Abandoned, _>(d));
}
