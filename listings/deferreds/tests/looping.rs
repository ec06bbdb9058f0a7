//! Looping calls that end as a Deferred.
mod help;
use deferreds::{
    Abandoned, Cancelled, Deferred, Failure, defer_later, looping_call, looping_call_later,
};
use help::{Log, failure, is, sim, until_stalled, value, waits};
use reactor::{Handle, LoopingCall};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn stopped_it_fires_and_the_beats_lie_on_the_grid() {
    let (mut reactor, h) = sim();
    let log = Log::default();
    let noted = log.clone();
    let (_, now) = looping_call(&h, SECOND, move |h, looping| {
        noted.note(h.now().as_millis());
        if h.now().as_millis() == 2_000 {
            looping.stop();
        }
        Ok(())
    });
    let noted = log.clone();
    let (later, end) = looping_call_later(&h, SECOND, move |h, _| {
        noted.note(format!("later {}", h.now().as_millis()));
        Ok("whatever a beat gives")
    });
    h.call_later(SECOND * 3 / 2, move |_| later.stop());
    until_stalled(&mut reactor);
    assert_eq!(log.take(), "0 later 1000 1000 2000");
    value(now);
    value(end);
}

#[test]
fn a_failure_of_a_beat_stops_it_and_goes_to_its_deferred() {
    for at_once in [true, false] {
        let (mut reactor, h) = sim();
        let beats = Rc::new(Cell::new(0));
        let count = beats.clone();
        let (looping, end) = looping_call(&h, SECOND, move |h, _| {
            count.set(count.get() + 1);
            let second = count.get() == 2;
            if second && at_once {
                return Deferred::fail(Failure::new("no poem"));
            }
            defer_later(h, SECOND / 2, move |_| match second {
                true => Err(Failure::new("no poem")),
                false => Ok(()),
            })
        });
        until_stalled(&mut reactor);
        assert_eq!(failure(end).to_string(), "no poem");
        assert_eq!((beats.get(), looping.running()), (2, false));
    }
}

#[test]
fn a_beat_is_waited_for_and_the_missed_ones_are_counted() {
    let (mut reactor, h) = sim();
    let log = Log::default();
    let noted = log.clone();
    let (_, end) = looping_call(&h, SECOND, move |h, looping| {
        noted.note(format!("{}:{}", h.now().as_millis(), looping.count()));
        if h.now().as_millis() > 5_000 {
            looping.stop();
        }
        defer_later(h, SECOND * 5 / 2, |_| Ok(()))
    });
    until_stalled(&mut reactor);
    value(end);
    assert_eq!(log.take(), "0:1 3000:3 6000:3");
}

#[test]
fn stopped_while_a_beat_is_under_way_it_fires_after_that() {
    let (mut reactor, h) = sim();
    let (looping, end) = looping_call(&h, SECOND, |h, _| defer_later(h, 10 * SECOND, |_| Ok(())));
    h.call_later(5 * SECOND, move |_| looping.stop());
    let clock = h.clone();
    let end = end.add_callback(move |()| Ok(clock.now().as_millis()));
    until_stalled(&mut reactor);
    assert_eq!(value(end), 10_000);

    // A failure of that last beat is not lost.
    let (mut reactor, h) = sim();
    let (_, end) = looping_call(&h, SECOND, |h, looping| {
        looping.stop();
        defer_later(h, SECOND, |_| Err::<(), _>(Failure::new("at last")))
    });
    until_stalled(&mut reactor);
    assert_eq!(failure(end).to_string(), "at last");
}

#[test]
fn cancelling_stops_it_also_while_a_beat_is_under_way() {
    let (mut reactor, h) = sim();
    // Between two beats.
    let (between, end) = looping_call(&h, SECOND, |_, _| Ok(()));
    // While it waits; the beat may still answer.
    let (rescued, second) = looping_call(&h, SECOND, |h, _| {
        defer_later(h, 60 * SECOND, |_| Ok(())).add_errback(|failure| {
            failure.trap::<Cancelled>()?;
            Ok(())
        })
    });
    let (_, third) = looping_call(&h, SECOND, |h, _| {
        defer_later(h, 60 * SECOND, |_| Ok(()))
            .add_errback(|_| Err::<(), _>(Failure::new("undone")))
    });
    let cancellers = [end.canceller(), second.canceller(), third.canceller()];
    h.call_later(SECOND / 2, move |_| {
        cancellers.iter().for_each(|c| c.cancel())
    });
    until_stalled(&mut reactor);
    assert_eq!(h.now().as_millis(), 500);
    assert!(!between.running() && !rescued.running());
    assert!(is::<Cancelled, _>(end));
    assert!(is::<Cancelled, _>(second));
    assert_eq!(failure(third).to_string(), "undone");
}

#[test]
fn cancelled_by_its_own_beat_it_ends_after_that() {
    let (mut reactor, h) = sim();
    let kept = Rc::new(Cell::new(None::<deferreds::Canceller>));
    let (cancel, beats) = (kept.clone(), Rc::new(Cell::new(0)));
    let count = beats.clone();
    let (_, end) = looping_call(&h, SECOND, move |_, _| {
        count.set(count.get() + 1);
        cancel.take().expect("one beat").cancel();
        Ok(())
    });
    kept.set(Some(end.canceller()));
    until_stalled(&mut reactor);
    assert!(is::<Cancelled, _>(end));
    assert_eq!(beats.get(), 1);
}

#[test]
fn a_panic_goes_through_and_leaves_abandoned() {
    let (mut reactor, h) = sim();
    let (looping, end) = looping_call(&h, SECOND, |_, _| -> Result<(), Failure> {
        panic!("a bug")
    });
    assert!(catch_unwind(AssertUnwindSafe(|| reactor.run())).is_err());
    assert!(!looping.running());
    assert!(is::<Abandoned, _>(end));
}

#[test]
fn all_is_freed_at_the_end_and_with_the_reactor() {
    let alive = Rc::new(());
    // Stopped, failed and cancelled; then left running, and left waiting.
    for how in 0..5 {
        let (mut reactor, h) = sim();
        let captured = alive.clone();
        let (looping, end) = looping_call(&h, SECOND, move |h, _| {
            let _captured = &captured;
            match how {
                1 => Deferred::fail(Failure::new("no poem")),
                4 => defer_later(h, 60 * SECOND, |_| Ok(())),
                _ => Deferred::succeed(()),
            }
        });
        reactor.turn(Some(Duration::ZERO)).unwrap();
        match how {
            0 => looping.stop(),
            2 => end.canceller().cancel(),
            _ => {}
        }
        reactor.turn(Some(Duration::ZERO)).unwrap();
        let end = match how {
            3 | 4 => {
                let end = waits(end);
                drop(reactor);
                assert!(is::<Abandoned, _>(end), "{how}");
                assert_eq!(Rc::strong_count(&alive), 1, "{how}");
                continue;
            }
            _ => end,
        };
        assert!(end.into_result().is_ok(), "{how}");
        assert_eq!(Rc::strong_count(&alive), 1, "{how}");
    }
}

#[test]
fn a_panic_in_a_stage_of_a_beat_ends_the_loop_and_leaves_abandoned() {
    let (mut reactor, h) = sim();
    let (looping, end) = looping_call(&h, SECOND, |h, _| {
        defer_later(h, SECOND, |_| Ok(()))
            .add_callback(|()| -> Result<(), Failure> { panic!("a bug") })
    });
    assert!(catch_unwind(AssertUnwindSafe(|| reactor.run())).is_err());
    assert!(!looping.running());
    assert!(is::<Abandoned, _>(end));
    until_stalled(&mut reactor);
}

#[test]
fn every_cancel_reaches_what_the_beat_waits_for_by_then() {
    let (mut reactor, h) = sim();
    let (resolver, second) = Deferred::<()>::new();
    let second = Cell::new(Some(second));
    let (looping, end) = looping_call(&h, SECOND, move |_, _| {
        let (never, first) = Deferred::<()>::new();
        std::mem::forget(never); // It stays alive, and never fires.
        let second = second.take().expect("one beat");
        first.add_errback(|_| second)
    });
    reactor.turn(Some(Duration::ZERO)).unwrap();
    let canceller = end.canceller();
    canceller.cancel();
    assert!(!looping.running());
    assert!(!resolver.is_cancelled(), "it waits for the second now");
    canceller.cancel();
    assert!(resolver.is_cancelled());
    assert!(is::<Cancelled, _>(end));
    until_stalled(&mut reactor);
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("what the loop captured");
    }
}

#[test]
fn what_a_loop_captured_may_panic_and_its_end_is_told_all_the_same() {
    // It is cancelled while a beat is under way; or between two; or a beat fails.
    for case in 0..3 {
        let (mut reactor, h) = sim();
        let bomb = Bomb;
        let undone = Rc::new(Cell::new(false));
        let undo = undone.clone();
        let (_, end) = looping_call(&h, SECOND, move |h, _| {
            let _bomb = &bomb;
            let undo = undo.clone();
            match case {
                0 => {
                    let (never, beat) = Deferred::<()>::with_canceller(move |_| undo.set(true));
                    std::mem::forget(never);
                    beat
                }
                1 => Deferred::succeed(()),
                _ => defer_later(h, SECOND, |_| Err(Failure::new("a beat fails"))),
            }
        });
        reactor.turn(Some(Duration::ZERO)).unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| match case {
            2 => drop(reactor.run()),
            _ => end.canceller().cancel(),
        }));
        assert!(panic.is_err(), "{case}");
        assert_eq!(undone.get(), case == 0, "{case}");
        let failure = failure(end);
        assert_eq!(
            failure.check::<Cancelled>().is_some(),
            case < 2,
            "{failure:?}"
        );
    }
}

#[test]
fn stopped_by_a_shutdown_trigger_its_end_is_told_before_the_reactor_has_gone() {
    let triggers: [fn(&Handle, LoopingCall); 3] = [
        |h, looping| h.before_shutdown(move |_, _hold| looping.stop()),
        |h, looping| h.during_shutdown(move |_| looping.stop()),
        |h, looping| h.after_shutdown(move |_| looping.stop()),
    ];
    for (number, trigger) in triggers.into_iter().enumerate() {
        let (mut reactor, h) = sim();
        let (looping, end) = looping_call(&h, SECOND, |_, _| Ok(()));
        trigger(&h, looping);
        h.call_later(SECOND, |h| h.stop().unwrap());
        reactor.run().unwrap();
        drop(reactor);
        let result = end.into_result().unwrap();
        assert!(result.is_ok(), "{number}: {result:?}");
    }
}
