//! Timeouts: those that ask, and those that have the last word.
mod help;
mod reported;

use deferreds::{Abandoned, Cancelled, Deferred, Failure, Resolver, TimedOut};
use help::{is, value};
use reactor::{Reactor, Sim};
use reported::reported;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

/// Runs `main` until the simulated world has nothing more to do.
fn simulated(main: impl FnOnce(&reactor::Handle)) {
    let mut reactor = Reactor::new(Sim::new(1));
    main(&reactor.handle());
    reactor
        .handle()
        .call_later(Duration::from_secs(60), |h| h.stop().expect("it runs"));
    reactor.run().expect("it stops");
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_timeout_at_its_time_and_none_before() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    for (resolver_first, after) in [(true, 1), (true, 2), (false, 2), (true, 3)] {
        let seen = seen.clone();
        simulated(|h| {
            let (resolver, d) = Deferred::<u64>::new();
            let fire = move |_: &reactor::Handle| resolver.callback(1);
            let look = move |h: &reactor::Handle, d: Deferred<u64>| {
                let h = h.clone();
                drop(d.add_both(move |result| {
                    let late = result.is_err_and(|f| f.check::<TimedOut>().is_some());
                    seen.borrow_mut().push((h.now().as_millis(), late));
                    Ok(())
                }));
            };
            if resolver_first {
                h.call_later(SECOND * after, fire);
                look(h, d.add_timeout(h, SECOND * 2));
            } else {
                look(h, d.add_timeout(h, SECOND * 2));
                h.call_later(SECOND * after, fire);
            }
        });
    }
    // Of two timers of one instant the one that was made first decides.
    assert_eq!(
        *seen.borrow(),
        [(1_000, false), (2_000, false), (2_000, true), (2_000, true)]
    );
}

#[test]
fn a_result_in_time_frees_the_timer() {
    let mut reactor = Reactor::new(Sim::new(1));
    let (resolver, d) = Deferred::<u32>::new();
    let d = d.add_timeout(&reactor.handle(), SECOND);
    resolver.callback(1);
    let error = reactor
        .turn(None)
        .expect_err("no timer is left to wait for");
    assert!(reactor::is_stalled(&error), "{error}");
    assert_eq!(reactor.handle().now().as_millis(), 0);
    assert_eq!(value(d), 1);
}

#[test]
fn a_timeout_leaves_other_failures_as_they_are() {
    let reactor = Reactor::new(Sim::new(1));
    let (_resolver, d) = Deferred::<u32>::new();
    let d = d.add_timeout(&reactor.handle(), SECOND);
    d.canceller().cancel();
    assert!(is::<Cancelled, _>(d), "cancelled by hand");

    let (resolver, d) = Deferred::<u32>::new();
    let d = d.add_timeout(&reactor.handle(), SECOND);
    drop(resolver);
    assert!(is::<Abandoned, _>(d));
}

#[test]
fn a_timeout_covers_only_the_stages_before_it() {
    let kept = Rc::new(Cell::new(None));
    let keep = kept.clone();
    simulated(|h| {
        let (never, slow) = Deferred::<u32>::new();
        let d = Deferred::succeed(1)
            .add_timeout(h, SECOND)
            .add_callback(|_| slow);
        keep.set(Some((never, d)));
    });
    let (never, d) = kept.take().expect("they were kept");
    never.callback(3);
    assert_eq!(value(d), 3);
}

#[test]
fn what_answers_the_timeouts_cancel_is_the_result() {
    let kept = Rc::new(Cell::new(None));
    let keep = kept.clone();
    simulated(|h| {
        let (resolver, d) = Deferred::with_canceller(|instead| instead.callback("half a poem"));
        keep.set(Some((resolver, d.add_timeout(h, SECOND))));
    });
    assert_eq!(value(kept.take().expect("they were kept").1), "half a poem");
}

#[test]
fn a_timeout_may_have_its_own_answer() {
    let kept = Rc::new(Cell::new(None));
    let keep = kept.clone();
    simulated(|h| {
        let (never, slow) = Deferred::<u64>::new();
        let answered = slow.add_timeout_with(h, SECOND, |result, time| {
            let cancelled = result.is_err_and(|f| f.check::<Cancelled>().is_some());
            assert!(cancelled);
            Deferred::succeed(time.as_millis() as u64)
        });
        let (quick, fast) = Deferred::<u64>::new();
        let fast = fast.add_timeout_with(h, SECOND, |_, _| -> Result<u64, Failure> {
            unreachable!("it came in time")
        });
        quick.callback(5);
        keep.set(Some((never, answered, fast)));
    });
    let (never, answered, fast) = kept.take().expect("they were kept");
    assert!(never.is_cancelled());
    assert_eq!((value(answered), value(fast)), (1_000, 5));
}

type Kept = Rc<Cell<Option<Resolver<u32>>>>;
type Seen = Rc<RefCell<Vec<(u64, Result<u32, String>)>>>;
type Pair = (Resolver<u32>, Deferred<u32>);

/// A Deferred whose canceller keeps its resolver, and that resolver.
fn keeps() -> (Kept, Deferred<u32>) {
    let kept = Rc::new(Cell::new(None));
    let keep = kept.clone();
    let (resolver, d) = Deferred::with_canceller(move |instead| keep.set(Some(instead)));
    std::mem::forget(resolver); // It stays alive, and never fires.
    (kept, d)
}

/// Notes what `d` fires, and when.
fn noted(h: &reactor::Handle, d: Deferred<u32>) -> Seen {
    let (h, seen) = (h.clone(), Rc::new(RefCell::new(Vec::new())));
    let note = seen.clone();
    d.on_result(move |result| {
        let result = result.map_err(|failure| failure.to_string());
        note.borrow_mut().push((h.now().as_millis(), result));
    });
    seen
}

#[test]
fn a_timeout_waits_for_a_canceller_that_keeps_its_resolver() {
    simulated(|h| {
        let (kept, d) = keeps();
        let seen = noted(h, d.add_timeout(h, SECOND));
        h.call_later(SECOND * 3, move |_| kept.take().unwrap().callback(7));
        h.call_later(SECOND * 4, move |_| {
            assert_eq!(*seen.borrow(), [(3_000, Ok(7))])
        });
    });
}

#[test]
fn a_hard_timeout_has_the_last_word() {
    // Whether the cancel is never answered, or is answered later, with a value or a failure.
    for answer in [None, Some(Ok(7)), Some(Err("late"))] {
        let lines = reported(|| {
            simulated(|h| {
                let (kept, d) = keeps();
                let seen = noted(h, d.add_hard_timeout(h, SECOND));
                h.call_later(SECOND * 2, move |_| {
                    let timed_out = Err(TimedOut.to_string());
                    assert_eq!(*seen.borrow(), [(1_000, timed_out)]);
                    let kept = kept.take().expect("it was cancelled");
                    if let Some(answer) = answer {
                        kept.fire(answer.map_err(Failure::new));
                    }
                });
            });
        });
        let late = usize::from(answer.is_some_and(|answer| answer.is_err()));
        assert_eq!(lines.len(), late, "{answer:?}: {lines:?}");
    }
}

#[test]
fn a_hard_timeout_takes_an_answer_in_time_and_one_to_its_cancel() {
    simulated(|h| {
        // In time; the timer is gone with it.
        let (resolver, d) = Deferred::new();
        let in_time = noted(h, d.add_hard_timeout(h, SECOND));
        h.call_later(SECOND / 2, move |_| resolver.callback(1));
        // The canceller answers at once, drops its resolver, panics not; or there is none.
        let makers: [fn() -> Pair; 3] = [
            || Deferred::with_canceller(|instead| instead.callback(2)),
            || Deferred::with_canceller(drop),
            Deferred::new,
        ];
        let answered = makers.map(|maker| {
            let (resolver, d) = maker();
            std::mem::forget(resolver);
            noted(h, d.add_hard_timeout(h, SECOND))
        });
        // Cancelled by hand it stays that; what is behind it is cancelled as far as it goes.
        let (resolver, d) = Deferred::new();
        std::mem::forget(resolver);
        let d = d.add_hard_timeout(h, SECOND * 5);
        let canceller = d.canceller();
        let by_hand = noted(h, d);
        h.call_later(SECOND, move |_| canceller.cancel());
        h.call_later(SECOND * 6, move |_| {
            assert_eq!(in_time.take(), [(500, Ok(1))]);
            let timed_out = Err(TimedOut.to_string());
            let answered = answered.map(|seen| seen.take());
            assert_eq!(answered[0], [(1_000, Ok(2))]);
            assert_eq!(answered[1], [(1_000, timed_out.clone())]);
            assert_eq!(answered[2], [(1_000, timed_out)]);
            assert_eq!(by_hand.take(), [(1_000, Err(Cancelled.to_string()))]);
        });
    });
}

#[test]
fn a_hard_timeout_has_the_last_word_although_a_canceller_panics() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let kept = Rc::new(Cell::new(None));
    let keep = kept.clone();
    let (_resolver, d) = Deferred::<u32>::with_canceller(move |instead| {
        keep.set(Some(instead));
        panic!("in the canceller")
    });
    let seen = noted(&h, d.add_hard_timeout(&h, SECOND));
    let panic = std::panic::AssertUnwindSafe(|| reactor.run());
    assert!(std::panic::catch_unwind(panic).is_err());
    assert_eq!(seen.take(), [(1_000, Err(TimedOut.to_string()))]);
}

#[test]
fn a_stage_that_panics_takes_the_timer_back() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let (resolver, d) = Deferred::<u32>::new();
    let bug = |_| -> Result<u32, Failure> { panic!("a bug") };
    drop(d.add_callback(bug).add_timeout(&h, SECOND));
    h.call_soon(move |_| resolver.callback(1));
    let panic = std::panic::AssertUnwindSafe(|| reactor.run());
    assert!(std::panic::catch_unwind(panic).is_err());
    assert!(reactor.run().unwrap_err().is_stalled());
    assert_eq!(h.now().as_millis(), 0, "nothing was left to wait for");
}
