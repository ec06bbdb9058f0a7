//! Cooperative tasks that end as a Deferred.
mod help;
mod reported;
use deferreds::{
    Abandoned, Cancelled, Deferred, Failure, StepFailed, coiterate, cooperate, defer_later,
    when_done,
};
use help::{Log, failure, is, sim, until_stalled, value, waits};
use reactor::{Ended, TaskError};
use reported::reported;
use std::{
    cell::{Cell, RefCell},
    iter,
    rc::Rc,
    time::Duration,
};

const SECOND: Duration = Duration::from_secs(1);

fn stopped<T>(deferred: Deferred<T>) -> bool {
    failure(deferred).check() == Some(&TaskError::Ended(Ended::Stopped))
}

#[test]
fn tasks_step_in_turns_and_each_end_is_told() {
    let (mut reactor, h) = sim();
    let log = Log::default();
    let ends = [("a", 1), ("b", 3)].map(|(name, steps)| {
        let log = log.clone();
        coiterate(&h, (0..steps).map(move |n| log.step(format!("{name}{n}"))))
    });
    until_stalled(&mut reactor);
    assert_eq!(log.take(), "a0 b0 b1 b2");
    ends.into_iter().for_each(value);
}

#[test]
fn a_step_that_gives_a_deferred_is_waited_for_while_the_others_go_on() {
    let (mut reactor, h) = sim();
    let log = Log::default();
    let (later, noted) = (h.clone(), log.clone());
    let slow = coiterate(
        &h,
        (0..2).map(move |n| {
            let log = noted.clone();
            defer_later(&later, SECOND, move |_| log.step(format!("slow{n}")))
        }),
    );
    let noted = log.clone();
    let fast = coiterate(&h, (0..2).map(move |n| noted.step(format!("fast{n}"))));
    until_stalled(&mut reactor);
    assert_eq!(log.take(), "fast0 fast1 slow0 slow1");
    assert_eq!(h.now().as_millis(), 2_000);
    value(slow);
    value(fast);
}

#[test]
fn a_failure_of_a_step_ends_the_task_and_goes_to_its_deferred() {
    for later in [false, true] {
        let (mut reactor, h) = sim();
        let steps = Rc::new(Cell::new(0));
        let (clock, count) = (h.clone(), steps.clone());
        let (task, end) = cooperate(
            &h,
            iter::repeat_with(move || {
                count.set(count.get() + 1);
                match (count.get(), later) {
                    (1, _) => Deferred::succeed(()),
                    (_, false) => Deferred::fail(Failure::new("no poem")),
                    (_, true) => defer_later(&clock, SECOND, |_| Err(Failure::new("no poem"))),
                }
            }),
        );
        let early = when_done(&task);
        until_stalled(&mut reactor);
        let failure_of_end = failure(end);
        assert_eq!(failure_of_end.to_string(), "no poem");
        assert_eq!(steps.get(), 2);
        assert_eq!(task.stop(), Err(TaskError::Ended(Ended::Failed)));
        // The others hear the same, whether they ask before or after.
        let late = when_done(&task);
        reactor.turn(Some(Duration::ZERO)).unwrap();
        for other in [failure(early), failure(late)] {
            assert_eq!(other.check(), Some(&StepFailed("no poem".to_owned())));
            assert_eq!(other.location(), failure_of_end.location());
        }
    }
}

#[test]
fn a_failure_at_once_ends_it_like_one_that_comes_later() {
    let (mut reactor, h) = sim();
    let end = coiterate(&h, [Ok(()), Err(Failure::new("no poem")), Ok(())]);
    until_stalled(&mut reactor);
    assert_eq!(failure(end).to_string(), "no poem");
}

#[test]
fn everybody_who_asks_hears_of_the_end() {
    let (mut reactor, h) = sim();
    let task = h.cooperate(0..10);
    let ends = [when_done(&task), when_done(&task)];
    // Not to wait any more is not to stop it.
    let gone = when_done(&task);
    gone.canceller().cancel();
    assert!(is::<Cancelled, _>(gone));
    until_stalled(&mut reactor);
    ends.into_iter().for_each(value);
}

#[test]
fn stopped_it_fails_and_so_does_who_asks_after_that() {
    let (mut reactor, h) = sim();
    let (task, end) = cooperate(&h, iter::repeat_with(|| Ok(())));
    let early = when_done(&task);
    h.call_later(SECOND, |_| ());
    h.call_soon({
        let task = task.clone();
        move |_| task.stop().unwrap()
    });
    until_stalled(&mut reactor);
    assert!(stopped(end) && stopped(early));

    let (mut reactor, h) = sim();
    let task = h.cooperate(iter::repeat(()));
    task.stop().unwrap();
    let late = when_done(&task);
    until_stalled(&mut reactor);
    assert!(stopped(late));
}

#[test]
fn a_failure_that_comes_after_the_stop_is_reported() {
    let lines = reported(|| {
        let (mut reactor, h) = sim();
        let later = h.clone();
        let (task, end) = cooperate(
            &h,
            iter::once_with(move || {
                defer_later(&later, SECOND, |_| Err::<(), _>(Failure::new("too late")))
            }),
        );
        h.call_later(SECOND / 2, move |_| task.stop().unwrap());
        until_stalled(&mut reactor);
        assert!(stopped(end));
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("failure=too late"), "{}", lines[0]);
}

#[test]
fn paused_and_resumed_it_goes_on() {
    let (mut reactor, h) = sim();
    let (task, end) = cooperate(&h, (0..3).map(|_| Ok(())));
    task.pause().unwrap();
    h.call_later(SECOND, move |_| task.resume().unwrap());
    let clock = h.clone();
    let end = end.add_callback(move |()| Ok(clock.now().as_millis()));
    until_stalled(&mut reactor);
    assert_eq!(value(end), 1_000);
}

#[test]
fn cancelling_stops_the_task_and_what_its_step_waits_for() {
    let (mut reactor, h) = sim();
    let (later, seen) = (h.clone(), Rc::new(Cell::new(false)));
    let told = seen.clone();
    let (task, end) = cooperate(
        &h,
        iter::repeat_with(move || {
            let told = told.clone();
            defer_later(&later, 60 * SECOND, |_| Ok(())).add_errback(move |failure| {
                told.set(failure.check::<Cancelled>().is_some());
                Err(failure)
            })
        }),
    );
    let canceller = end.canceller();
    h.call_later(SECOND, move |_| canceller.cancel());
    until_stalled(&mut reactor);
    assert_eq!(h.now().as_millis(), 1_000);
    assert!(is::<Cancelled, _>(end));
    assert!(seen.get());
    assert_eq!(task.pause(), Err(TaskError::Ended(Ended::Stopped)));
}

#[test]
fn all_is_freed_at_the_end_and_with_the_reactor() {
    let alive = Rc::new(());
    for left in [false, true] {
        let (mut reactor, h) = sim();
        let (captured, later) = (alive.clone(), h.clone());
        let (_, end) = cooperate(
            &h,
            (0..3).map(move |_| {
                let captured = captured.clone();
                defer_later(&later, SECOND, move |_| Ok(captured))
            }),
        );
        if left {
            reactor.turn(Some(Duration::ZERO)).unwrap();
            reactor.turn(Some(Duration::ZERO)).unwrap();
            let end = waits(end);
            drop(reactor);
            assert!(is::<Abandoned, _>(end));
        } else {
            until_stalled(&mut reactor);
            value(end);
        }
        assert_eq!(Rc::strong_count(&alive), 1, "left: {left}");
    }
}

#[test]
fn a_panic_in_a_stage_of_a_step_ends_the_task_and_leaves_abandoned() {
    let (mut reactor, h) = sim();
    let steps = std::iter::once_with({
        let h = h.clone();
        move || {
            defer_later(&h, SECOND, |_| Ok(()))
                .add_callback(|()| -> Result<(), Failure> { panic!("a bug") })
        }
    });
    let (task, end) = cooperate(&h, steps);
    let panic = std::panic::AssertUnwindSafe(|| reactor.run());
    assert!(std::panic::catch_unwind(panic).is_err());
    assert!(is::<Abandoned, _>(end));
    assert!(task.pause().is_err(), "it has ended");
    until_stalled(&mut reactor);
}

#[test]
fn a_canceller_of_a_step_that_panics_ends_its_task_and_no_other() {
    let (mut reactor, h) = sim();
    let held = Rc::new(RefCell::new(Vec::new()));
    let keeps = held.clone();
    let steps = std::iter::repeat_with(move || {
        let (resolver, step) = Deferred::<()>::with_canceller(|_| panic!("in a canceller"));
        keeps.borrow_mut().push(resolver);
        step
    });
    let (task, end) = cooperate(&h, steps);
    let beats = Rc::new(Cell::new(0));
    let counts = beats.clone();
    let (_other, others_end) = cooperate(
        &h,
        (0..5).map(move |_| {
            counts.set(counts.get() + 1);
            Ok(())
        }),
    );
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(held.borrow().len(), 1, "the first step waits");
    let canceller = end.canceller();
    let panic = std::panic::AssertUnwindSafe(|| canceller.cancel());
    let panicked = std::panic::catch_unwind(panic).is_err();
    assert!(
        task.pause().is_err(),
        "it has ended; the canceller's panic went through: {panicked}"
    );
    canceller.cancel(); // a second time it has nothing to do
    until_stalled(&mut reactor);
    value(others_end);
    assert_eq!(beats.get(), 5);
    assert_eq!(held.borrow().len(), 1, "it makes no further step");
    drop(end);
}

#[test]
fn stopped_by_a_shutdown_trigger_its_end_is_told_before_the_reactor_has_gone() {
    for number in 0..3 {
        let (mut reactor, h) = sim();
        let (task, end) = cooperate(&h, iter::repeat_with(|| Ok(())));
        let other = when_done(&task);
        match number {
            0 => h.before_shutdown(move |_, _hold| task.stop().unwrap()),
            1 => h.during_shutdown(move |_| task.stop().unwrap()),
            _ => h.after_shutdown(move |_| task.stop().unwrap()),
        }
        h.call_soon(|h| h.stop().unwrap());
        reactor.run().unwrap();
        drop(reactor);
        assert!(stopped(end) && stopped(other), "{number}");
    }
}
