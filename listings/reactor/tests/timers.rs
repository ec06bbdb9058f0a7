//! Delayed calls: order, cancel, reset, errors, and many of them.
use reactor::{DelayedCall, Handle, Inactive, Reactor, Sim, Time};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What ran, and when.
type Log = Rc<RefCell<Vec<(&'static str, u64)>>>;

fn later(h: &Handle, log: &Log, name: &'static str, delay: u64) -> DelayedCall {
    let log = Rc::clone(log);
    h.call_later(ms(delay), move |h| {
        log.borrow_mut().push((name, h.now().as_millis()))
    })
}

/// Runs for ten seconds of simulated time.
fn run(reactor: &mut Reactor) {
    reactor
        .handle()
        .call_later(Duration::from_secs(10), |h| h.stop().unwrap());
    reactor.run().unwrap();
}

#[test]
fn equal_deadlines_run_in_the_order_they_were_made() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    for (name, delay) in [("c", 20), ("a", 10), ("b", 10), ("d", 20)] {
        later(&h, &log, name, delay);
    }
    run(&mut reactor);
    assert_eq!(*log.borrow(), [("a", 10), ("b", 10), ("c", 20), ("d", 20)]);
}

#[test]
fn a_cancelled_call_never_runs_and_says_that_it_was_cancelled() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let call = later(&h, &log, "never", 10);
    assert!(call.active());
    assert_eq!(call.cancel(), Ok(()));
    assert!(!call.active());
    for again in [call.cancel(), call.reset(ms(1)), call.delay(ms(1))] {
        assert_eq!(again, Err(Inactive::Cancelled));
    }
    run(&mut reactor);
    assert!(log.borrow().is_empty());
}

#[test]
fn a_call_that_ran_says_that_it_was_called_also_while_it_runs() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let itself: Rc<RefCell<Option<DelayedCall>>> = Rc::default();
    let seen = Rc::clone(&itself);
    let call = h.call_later(ms(10), move |_| {
        let call = seen.borrow();
        let call = call.as_ref().unwrap();
        assert!(!call.active());
        assert_eq!(call.cancel(), Err(Inactive::Called));
    });
    *itself.borrow_mut() = Some(call.clone());
    run(&mut reactor);
    for after in [call.cancel(), call.reset(ms(1)), call.delay(ms(1))] {
        assert_eq!(after, Err(Inactive::Called));
    }
    assert_eq!(call.time(), Time::from_millis(10));
}

#[test]
fn reset_counts_from_now_and_delay_from_the_deadline() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let earlier = later(&h, &log, "earlier", 500);
    let put_off = later(&h, &log, "put off", 100);
    let more = later(&h, &log, "more", 100);
    h.call_later(ms(50), move |_| {
        earlier.reset(ms(10)).unwrap();
        put_off.reset(ms(300)).unwrap();
        more.delay(ms(100)).unwrap();
        assert_eq!(earlier.time(), Time::from_millis(60));
        assert_eq!(put_off.time(), Time::from_millis(350));
        assert_eq!(more.time(), Time::from_millis(200));
    });
    run(&mut reactor);
    assert_eq!(
        *log.borrow(),
        [("earlier", 60), ("more", 200), ("put off", 350)]
    );
}

#[test]
fn a_reset_call_counts_as_made_now_among_equal_deadlines() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let [a, b, _c] = ["a", "b", "c"].map(|name| later(&h, &log, name, 100));
    a.reset(ms(100)).unwrap(); // to the same moment
    b.reset(ms(200)).unwrap(); // later, and back
    b.reset(ms(100)).unwrap();
    run(&mut reactor);
    assert_eq!(*log.borrow(), [("c", 100), ("a", 100), ("b", 100)]);
}

#[test]
fn a_deadline_beyond_the_end_of_time_never_comes() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let log2 = Rc::clone(&log);
    let call = h.call_later(Duration::MAX, move |_| log2.borrow_mut().push(("never", 0)));
    assert_eq!(call.time(), Time::MAX);
    assert_eq!(reactor.next_deadline(), Some(Time::ZERO), "the first turn");
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(reactor.next_deadline(), None);
    call.reset(ms(5)).unwrap();
    assert_eq!(reactor.next_deadline(), Some(Time::from_millis(5)));
}

#[test]
fn a_callback_may_cancel_and_move_others_and_make_more() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let victim = later(&h, &log, "victim", 10);
    let moved = later(&h, &log, "moved", 10);
    let log2 = Rc::clone(&log);
    let killer = h.call_later(ms(5), move |h| {
        victim.cancel().unwrap();
        moved.reset(ms(1)).unwrap();
        later(h, &log2, "new", 0);
    });
    drop(killer); // which cancels nothing
    run(&mut reactor);
    assert_eq!(*log.borrow(), [("new", 5), ("moved", 6)]);
}

#[test]
fn a_million_timers_all_run_in_order() {
    const COUNT: u64 = 1_000_000;
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let (hits, last) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(None)));
    for n in 0..COUNT {
        let (hits, last) = (Rc::clone(&hits), Rc::clone(&last));
        h.call_later(ms(n * 7919 % 1000), move |h| {
            hits.set(hits.get() + 1);
            let this = Some((h.now(), n));
            assert!(last.replace(this) < this);
        });
    }
    run(&mut reactor);
    assert_eq!(hits.get(), COUNT);
}

#[test]
fn cancelling_most_of_many_leaves_the_others_in_order() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let ran: Rc<RefCell<Vec<u64>>> = Rc::default();
    let calls: Vec<_> = (0..10_000_u64)
        .map(|n| {
            let ran = Rc::clone(&ran);
            h.call_later(ms(n * 7919 % 5_000), move |_| {
                ran.borrow_mut().push(n * 7919 % 5_000)
            })
        })
        .collect();
    for (n, call) in calls.iter().enumerate() {
        match n % 10 {
            0 => {}
            1 => call.delay(ms(1)).unwrap(),
            _ => call.cancel().unwrap(),
        }
    }
    run(&mut reactor);
    assert_eq!(ran.borrow().len(), 2_000);
    // Those that were put off by 1 ms are the ones that may come behind a neighbour.
    assert!(ran.borrow().windows(2).all(|pair| pair[0] <= pair[1] + 1));
}
