//! Timers: order, cancel, reset, and many of them.
use reactor::{Reactor, Sim};
use std::{cell::Cell, rc::Rc, time::Duration};

#[test]
fn a_million_timers_all_run() {
    for count in [10, 1000, 100_000] {
        let mut reactor = Reactor::new(Sim::new(1));
        let h = reactor.handle();
        let hits = Rc::new(Cell::new(0));
        for n in 0..count {
            let hits = Rc::clone(&hits);
            h.call_later(Duration::from_millis(n * 7919 % 1000), move |_| {
                hits.set(hits.get() + 1)
            });
        }
        h.call_later(Duration::from_secs(2), |h| h.stop().unwrap());
        reactor.run().unwrap();
        assert_eq!(hits.get(), count);
    }
}
