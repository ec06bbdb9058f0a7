//! Cancelling and pausing.
mod help;
mod reported;

use deferreds::{Cancelled, Deferred, Failure};
use help::{failure, is, value};
use reported::reported;
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

#[test]
fn without_a_canceller_it_fails_and_the_late_result_is_dropped() {
    let (resolver, d) = Deferred::<Rc<()>>::new();
    d.canceller().cancel();
    assert!(resolver.is_cancelled());
    let late = Rc::new(());
    resolver.callback(late.clone());
    assert_eq!(Rc::strong_count(&late), 1);
    assert!(is::<Cancelled, _>(d));
}

#[test]
fn a_canceller_is_called_once_and_may_answer() {
    let calls = Rc::new(Cell::new(0));
    let counted = calls.clone();
    let (resolver, d) = Deferred::with_canceller(move |instead| {
        counted.set(counted.get() + 1);
        instead.callback(7);
    });
    let canceller = d.canceller();
    canceller.cancel();
    canceller.clone().cancel();
    resolver.callback(8);
    assert_eq!((calls.get(), value(d)), (1, 7));

    let (_resolver, d) =
        Deferred::<u32>::with_canceller(|instead| instead.errback(Failure::new("undone")));
    d.canceller().cancel();
    assert_eq!(failure(d).to_string(), "undone");

    let (_resolver, d) = Deferred::<u32>::with_canceller(drop);
    d.canceller().cancel();
    assert!(is::<Cancelled, _>(d));
}

#[test]
fn a_canceller_may_answer_later() {
    let kept = Rc::new(Cell::new(None));
    let keep = kept.clone();
    let (resolver, d) = Deferred::with_canceller(move |instead| keep.set(Some(instead)));
    let canceller = d.canceller();
    canceller.cancel();
    canceller.cancel();
    resolver.callback(1); // It is no longer this one's turn.
    let d = d.into_result().expect_err("it undoes still");
    kept.take().expect("the canceller was called").callback(2);
    assert_eq!(value(d), 2);
}

#[test]
fn a_canceller_that_panics_leaves_nobody_waiting() {
    let (_resolver, d) = Deferred::<u32>::with_canceller(|_instead| panic!("a bug"));
    let canceller = d.canceller();
    assert!(catch_unwind(AssertUnwindSafe(|| canceller.cancel())).is_err());
    assert!(is::<Cancelled, _>(d));
}

#[test]
fn cancelling_after_the_firing_does_nothing() {
    let d = Deferred::succeed(1);
    d.canceller().cancel();
    assert_eq!(value(d), 1);
    let (resolver, d) = Deferred::<u32>::new();
    let canceller = d.canceller();
    drop((resolver, d.add_errback(|_| Ok(0))));
    canceller.cancel(); // Nothing is left, and nothing happens.
}

#[test]
fn who_waits_cancels_what_it_waits_for_however_far() {
    for held in [false, true] {
        let (_resolver, far) = Deferred::<u32>::new();
        let own = held.then(|| far.canceller());
        let middle = Deferred::succeed(()).add_callback(|()| far);
        let middle_canceller = held.then(|| middle.canceller());
        let outer = Deferred::succeed(()).add_callback(|()| middle);
        outer.canceller().cancel();
        assert!(is::<Cancelled, _>(outer), "held: {held}");
        drop((own, middle_canceller));
    }
}

#[test]
fn the_canceller_of_a_middle_one_works_after_it_was_returned() {
    let (first, middle) = Deferred::<()>::new();
    let (_resolver, far) = Deferred::<u32>::new();
    let canceller = middle.canceller();
    let middle = middle.add_callback(|()| far);
    let outer = Deferred::succeed(())
        .add_callback(|()| middle)
        .add_callback(|n| Ok(n + 1));
    first.callback(());
    canceller.cancel();
    assert!(is::<Cancelled, _>(outer));
}

#[test]
fn an_inner_one_that_recovers_makes_the_outer_succeed() {
    let (_resolver, inner) = Deferred::<u32>::new();
    let inner = inner.add_errback(|failure| {
        failure.trap::<Cancelled>()?;
        Ok(9)
    });
    let outer = Deferred::succeed(()).add_callback(|()| inner);
    outer.canceller().cancel();
    assert_eq!(value(outer), 9);
}

#[test]
fn cancelling_passes_an_explicit_chain() {
    let (resolver, first) = Deferred::<u32>::new();
    let (second, end) = Deferred::new();
    first.chain_deferred(second);
    end.canceller().cancel();
    assert!(resolver.is_cancelled());
    assert!(is::<Cancelled, _>(end));
}

#[test]
fn cancelling_behind_a_paused_explicit_chain_does_nothing() {
    // The first has its result, and that is on its way.
    let first = Deferred::succeed(4);
    let pause = first.pauser().pause();
    let (second, end) =
        Deferred::<u32>::with_canceller(|_| unreachable!("nothing is left to undo"));
    first.chain_deferred(second);
    end.canceller().cancel();
    drop(pause);
    assert_eq!(value(end), 4);
}

#[test]
fn a_late_result_from_an_explicit_chain_changes_nothing() {
    let (resolver, poem) = Deferred::<u32>::new();
    let (other_resolver, other) = Deferred::<u32>::new();
    let (first, first_d) = Deferred::<u32>::new();
    let poem = poem.add_errback(|_| other);
    let canceller = poem.canceller();
    canceller.cancel();
    // It waits for the other now, and the resolver has nothing to say any more.
    first_d.chain_deferred(resolver);
    first.callback(1);
    canceller.cancel();
    assert!(other_resolver.is_cancelled());
    assert!(is::<Cancelled, _>(poem));
}

#[test]
fn a_canceller_keeps_nothing_alive() {
    let alive = Rc::new(());
    let counted = alive.clone();
    let (resolver, d) = Deferred::<()>::with_canceller(move |_| drop(counted));
    let (canceller, pauser) = (d.canceller(), d.pauser());
    resolver.callback(());
    assert_eq!(
        Rc::strong_count(&alive),
        1,
        "a canceller is dropped at the firing"
    );
    drop(d);
    canceller.cancel();
    drop(pauser.pause());
}

#[test]
fn pauses_add_up() {
    let ran = Rc::new(Cell::new(0));
    let (one, two) = (ran.clone(), ran.clone());
    let (resolver, d) = Deferred::new();
    let pauser = d.pauser();
    let (first, second) = (pauser.pause(), pauser.clone().pause());
    let d = d
        .add_callback(move |n: u32| {
            one.set(one.get() + 1);
            Ok(n + 1)
        })
        .add_callback(move |n| {
            two.set(two.get() + 1);
            Ok(n + 1)
        });
    resolver.callback(0);
    drop(second);
    assert_eq!(ran.get(), 0);
    drop(first);
    assert_eq!((ran.get(), value(d)), (2, 2));
}

#[test]
fn a_stage_may_pause_its_own_chain() {
    let pause = Rc::new(Cell::new(None));
    let kept = pause.clone();
    let (resolver, d) = Deferred::new();
    let pauser = d.pauser();
    let d = d
        .add_callback(move |n: u32| {
            kept.set(Some(pauser.pause()));
            Ok(n + 1)
        })
        .add_callback(|n| Ok(n * 10));
    resolver.callback(1);
    let d = d.into_result().expect_err("it is paused");
    drop(pause.take());
    assert_eq!(value(d), 20);
}

#[test]
fn a_paused_inner_one_holds_up_the_outer() {
    // Paused before or after it has its result, and with or without a stage behind the outer.
    for fired in [false, true] {
        for more in [false, true] {
            let (resolver, inner) = Deferred::<u32>::new();
            let pause = inner.pauser().pause();
            let mut resolver = Some(resolver);
            if fired && let Some(resolver) = resolver.take() {
                resolver.callback(1);
            }
            let (start, outer) = Deferred::new();
            let mut outer = outer.add_callback(|()| inner);
            if more {
                outer = outer.add_callback(|n| Ok(n + 1));
            }
            start.callback(());
            if let Some(resolver) = resolver.take() {
                resolver.callback(1);
            }
            let outer = outer.into_result().expect_err("the inner is paused");
            drop(pause);
            assert_eq!(value(outer), 1 + u32::from(more), "fired: {fired}");
        }
    }
}

#[test]
fn a_paused_one_that_waits_takes_its_result_and_keeps_it() {
    let (resolver, inner) = Deferred::<u32>::new();
    let outer = Deferred::succeed(()).add_callback(|()| inner);
    let pause = outer.pauser().pause();
    resolver.callback(1);
    let outer = outer.into_result().expect_err("it is paused");
    drop(pause);
    assert_eq!(value(outer), 1);
}

#[test]
fn a_pause_does_not_hold_up_the_report_of_what_nobody_will_read() {
    let mut pause = None;
    let reports = reported(|| {
        let (resolver, inner) = Deferred::<u32>::new();
        let outer = Deferred::succeed(()).add_callback(|()| inner);
        pause = Some(outer.pauser().pause());
        resolver.errback(std::fmt::Error);
        drop(outer);
    });
    assert_eq!(reports.len(), 1, "{reports:?}");
}

#[test]
fn a_pause_holds_up_an_explicit_chain_behind_a_wait() {
    let (resolver, inner) = Deferred::<u32>::new();
    let (start, first) = Deferred::<()>::new();
    let first = first.add_callback(|()| inner);
    let pauser = first.pauser();
    let (second, end) = Deferred::new();
    first.chain_deferred(second);
    start.callback(());
    let pause = pauser.pause();
    resolver.callback(1);
    let end = end.into_result().expect_err("the first is paused");
    drop(pause);
    assert_eq!(value(end), 1);
}

#[test]
fn a_paused_one_holds_up_an_explicit_chain() {
    let first = Deferred::succeed(4);
    let pause = first.pauser().pause();
    let (second, end) = Deferred::new();
    first.chain_deferred(second);
    let end = end.into_result().expect_err("the first is paused");
    drop(pause);
    assert_eq!(value(end), 4);
}

#[test]
fn what_follows_a_cancel_runs_before_it_returns_also_inside_a_stage() {
    // The canceller drops its resolver, answers, or there is none: all the same.
    type Pair = (deferreds::Resolver<u32>, Deferred<u32>);
    let makers: [fn() -> Pair; 4] = [
        Deferred::new,
        || Deferred::with_canceller(drop),
        || Deferred::with_canceller(|instead| instead.errback(Cancelled)),
        || {
            let (resolver, inner) = Deferred::with_canceller(drop);
            std::mem::forget(resolver);
            let canceller = inner.canceller();
            let (resolver, d) = Deferred::with_canceller(move |instead| {
                canceller.cancel();
                drop(instead);
            });
            drop(inner.add_errback(|_| Ok(0)));
            (resolver, d)
        },
    ];
    for (number, maker) in makers.into_iter().enumerate() {
        for inside in [false, true] {
            let (_resolver, d) = maker();
            let canceller = d.canceller();
            let heard = Rc::new(Cell::new(false));
            let hears = heard.clone();
            drop(d.add_errback(move |_| {
                hears.set(true);
                Ok(0)
            }));
            let cancel = move |()| {
                canceller.cancel();
                Ok(heard.get())
            };
            let heard = if inside {
                let (start, stage) = Deferred::new();
                let stage = stage.add_callback(cancel);
                start.callback(());
                value(stage)
            } else {
                cancel(()).unwrap_or_else(|_: Failure| unreachable!())
            };
            assert!(heard, "{number}, inside: {inside}");
        }
    }
}

#[test]
fn a_canceller_that_cancels_its_own_deferred_answers_once() {
    let again = Rc::new(Cell::new(None::<deferreds::Canceller>));
    let cancels = again.clone();
    let (_resolver, d) = Deferred::<u32>::with_canceller(move |instead| {
        drop(instead);
        cancels.take().expect("called once").cancel();
    });
    again.set(Some(d.canceller()));
    d.canceller().cancel();
    assert!(is::<Cancelled, _>(d));
}
