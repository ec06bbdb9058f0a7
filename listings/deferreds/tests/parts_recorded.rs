//! A recording of every part that is built on Deferreds: without a fault, and the same each time.
mod help;
use deferreds::{
    Deferred, Failure, Lock, Queue, Semaphore, before_shutdown, before_startup, coiterate,
    defer_later, defer_to_thread, looping_call,
};
use help::sim;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn recorded() -> String {
    let recording = trace::start(trace::Setup::default());
    let (mut reactor, h) = sim();
    before_startup(&h, |h| defer_later(h, SECOND, |_| Ok(())));
    before_shutdown(&h, |h| defer_later(h, SECOND, |_| Ok(())));

    let (lock, two) = (Lock::new(), Semaphore::new(2));
    for n in 0..4 {
        let (one, other) = (h.clone(), h.clone());
        let d = lock.run(move || defer_later(&one, SECOND, move |_| Ok(n)));
        if n == 2 {
            h.call_later(SECOND / 2, {
                let canceller = d.canceller();
                move |_| canceller.cancel()
            });
        }
        drop(d.add_errback(|_| Ok(0)));
        drop(two.run(move || defer_to_thread(&other, move || Ok(n))));
    }

    let queue = Queue::with_limits(2, 2);
    for _ in 0..3 {
        drop(queue.get().add_both(|_| Ok(())));
    }
    h.call_later(SECOND, move |_| {
        queue.put(1).unwrap();
        queue.put(2).unwrap();
    });

    let (_, end) = looping_call(&h, SECOND, |h, looping| {
        if h.now().as_millis() >= 3_000 {
            return Deferred::fail(Failure::new("enough"));
        }
        defer_later(h, looping.interval() / 2, |_| Ok(()))
    });
    drop(end.add_errback(|_| Ok(())));
    let later = h.clone();
    let steps = (0..3).map(move |_| defer_later(&later, SECOND, |_| Ok(())));
    drop(coiterate(&h, steps));

    h.call_later(10 * SECOND, |h| h.stop().unwrap());
    reactor.run().unwrap();
    drop(reactor);
    recording.finish()
}

#[test]
fn it_has_no_fault_and_is_the_same_twice() {
    let text = recorded();
    let trace = trace::read::Trace::parse(&text).expect("a trace");
    let faults = trace.lint();
    assert!(faults.is_empty(), "{faults:?}\n{text}");
    assert!(text.contains("\"k\":\"df.cancel\""));
    assert_eq!(text, recorded());
}
