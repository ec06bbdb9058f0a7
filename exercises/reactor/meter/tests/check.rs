//! Lets receipts take their time, in virtual time, and adds up what was charged.
use meter::meter;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::reactor::{Reactor, Sim};

/// Each receipt takes so many seconds; returns the seconds at which they began, and the minutes
/// they charged. A part of a second counts as a whole one: no full minute passes for another.
fn receipts(takes: u64, until: u64) -> Vec<(u64, u64)> {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let log: Rc<RefCell<Vec<(u64, u64)>>> = Rc::default();
    let written = Rc::clone(&log);
    let looping = meter(
        &handle,
        Duration::from_secs(60),
        move |reactor, minutes, hold| {
            written
                .borrow_mut()
                .push((reactor.now().as_millis().div_ceil(1000), minutes));
            reactor.call_later(Duration::from_secs(takes), move |_| drop(hold));
        },
    );
    assert!(
        looping.running(),
        "`meter` returns a LoopingCall that has started"
    );
    handle.call_later(Duration::from_secs(until), |reactor| {
        reactor.stop().expect("it runs")
    });
    reactor.run().expect("it runs until it is told to stop");
    log.take()
}

#[test]
fn quick_receipts_come_every_minute() {
    let receipts = receipts(1, 190);
    assert!(
        receipts.first().is_none_or(|first| first.0 > 0),
        "a receipt was written at 0 s, before a minute has passed"
    );
    let times: Vec<u64> = receipts.iter().map(|receipt| receipt.0).collect();
    assert_eq!(times, [60, 120, 180], "receipts come at full minutes");
    assert!(
        receipts.iter().all(|receipt| receipt.1 == 1),
        "each stands for one minute: {receipts:?}"
    );
}

#[test]
fn slow_receipts_lose_no_minute() {
    // The first is written from 60 s to 210 s, the second from 240 s to 390 s.
    let receipts = receipts(150, 430);
    for pair in receipts.windows(2) {
        assert!(
            pair[1].0 >= pair[0].0 + 150,
            "a receipt began at {} s, before the one before it was done",
            pair[1].0
        );
    }
    for (at, _) in &receipts {
        assert_eq!(
            at % 60,
            0,
            "receipts come at full minutes, but one came at {at} s"
        );
    }
    let charged: u64 = receipts.iter().map(|receipt| receipt.1).sum();
    assert_eq!(
        charged, 7,
        "7 minutes were used up to the receipt at 420 s; charged: {receipts:?}"
    );
}
