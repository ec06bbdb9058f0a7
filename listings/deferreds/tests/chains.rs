//! Stages and chains: the order and the rails.
mod help;

use deferreds::{
    Abandoned, Deferred, Failure, Next, Resolver, WaitsForItself, execute, maybe_deferred,
};
use help::{failure, value};
use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
};

type Log = Rc<RefCell<Vec<&'static str>>>;

#[test]
fn each_stage_gets_what_the_one_before_returned() {
    let (resolver, d) = Deferred::new();
    let d = d
        .add_callback(|n: u32| Ok(n + 1))
        .add_callback(|n| Ok(n * 10))
        .add_callback(|n| Ok(format!("{n}")));
    resolver.callback(1);
    assert_eq!(value(d), "20");
}

#[test]
fn a_value_skips_errbacks_and_a_failure_skips_callbacks() {
    let log = Log::default();
    let (ok, err) = (log.clone(), log.clone());
    let d = Deferred::succeed(1)
        .add_errback(|_| -> Result<u32, Failure> { unreachable!() })
        .add_callback(move |_| {
            ok.borrow_mut().push("callback");
            Err::<u32, _>(Failure::new("no"))
        })
        .add_callback(|_| -> Result<u32, Failure> { unreachable!() })
        .add_errback(move |_| {
            err.borrow_mut().push("errback");
            Ok(5)
        })
        .add_callback(|n| Ok(n + 1));
    assert_eq!(value(d), 6);
    assert_eq!(*log.borrow(), ["callback", "errback"]);
}

#[test]
fn in_a_pair_the_errback_never_sees_the_callbacks_failure() {
    let d = Deferred::succeed(1).add_callbacks(|_| Err(Failure::new("mine")), |_| Ok(()));
    assert_eq!(failure(d).to_string(), "mine");
    let d = Deferred::<u32>::fail(Failure::new("x")).add_callbacks(|_| Ok(1), |_| Ok(2));
    assert_eq!(value(d), 2);
}

#[test]
fn both_sees_either() {
    let d = Deferred::succeed(1).add_both(|r| Ok(r.is_ok()));
    assert!(value(d));
    let d = Deferred::<u32>::fail(Failure::new("x")).add_both(|r| Ok(r.is_ok()));
    assert!(!value(d));
}

#[test]
fn an_errback_that_fails_replaces_the_failure() {
    let d =
        Deferred::<u32>::fail(Failure::new("first")).add_errback(|_| Err(Failure::new("second")));
    assert_eq!(failure(d).to_string(), "second");
}

#[test]
fn a_question_mark_remembers_its_own_line() {
    let line = Rc::new(Cell::new(0));
    let seen = line.clone();
    let d = Deferred::succeed("x").add_callback(move |text| {
        seen.set(line!() + 1);
        let number: u32 = text.parse()?;
        Ok(number)
    });
    let failure = failure(d);
    assert_eq!(failure.location().line(), line.get());
    assert_eq!(failure.location().file(), file!());
}

#[test]
fn a_trap_takes_its_error_and_lets_the_others_pass() {
    let d = Deferred::<u32>::fail(io::Error::other("x")).add_errback(|failure| {
        failure.trap::<std::num::ParseIntError>()?;
        Ok(0)
    });
    let failure = failure(d);
    assert!(failure.check::<io::Error>().is_some());
    assert!(failure.trap::<io::Error>().is_ok());
}

#[test]
fn failures_can_go_to_other_threads() {
    fn send<T: Send + Sync>() {}
    send::<Failure>();
    assert_eq!(size_of::<Failure>(), size_of::<usize>());
}

#[test]
fn what_is_added_after_the_firing_runs_at_once() {
    let ran = Rc::new(Cell::new(false));
    let seen = ran.clone();
    let d = Deferred::succeed(()).add_callback(move |()| {
        seen.set(true);
        Ok(())
    });
    assert!(ran.get());
    drop(d);
}

#[test]
fn what_a_running_stage_adds_runs_after_it_has_returned() {
    let log = Log::default();
    let end = Rc::new(Cell::new(None::<Deferred<u32>>));
    let (resolver, d) = Deferred::new();
    let (first, second, own) = (log.clone(), log.clone(), end.clone());
    let d = d.add_callback(move |n: u32| {
        let mine = own.take().expect("the end of this chain");
        let mine = mine.add_callback(move |n| {
            second.borrow_mut().push("added");
            Ok(n + 1)
        });
        own.set(Some(mine));
        first.borrow_mut().push("running");
        Ok(n + 10)
    });
    end.set(Some(d));
    resolver.callback(1);
    assert_eq!(*log.borrow(), ["running", "added"]);
    assert_eq!(value(end.take().expect("it was put back")), 12);
}

#[test]
fn a_stage_waits_for_the_deferred_that_it_returns() {
    let (outer, d) = Deferred::new();
    let (inner, waited) = Deferred::new();
    let d = d.add_callback(|()| waited).add_callback(|n: u32| Ok(n + 1));
    outer.callback(());
    let d = d.into_result().expect_err("the inner has no result");
    inner.callback(1);
    assert_eq!(value(d), 2);
}

#[test]
fn a_fired_inner_is_taken_at_once_and_a_failed_one_too() {
    assert_eq!(
        value(Deferred::succeed(1).add_callback(|n| Deferred::succeed(n + 1))),
        2
    );
    let d = Deferred::succeed(1).add_callback(|_| Deferred::<u32>::fail(Failure::new("inner")));
    assert_eq!(failure(d).to_string(), "inner");
}

#[test]
fn waiting_is_transitive_in_each_order_of_firing_and_adding() {
    // Bits: whether the outer fires first, whether the last stage is added at the end, whether a
    // canceller is held.
    for order in 0..8 {
        let (r1, d1) = Deferred::<()>::new();
        let (r2, d2) = Deferred::<()>::new();
        let (r3, d3) = Deferred::<u32>::new();
        let held = (order & 4 != 0).then(|| (d2.canceller(), d3.canceller()));
        let d2 = d2.add_callback(|()| d3);
        let mut d = d1.add_callback(|()| d2);
        if order & 2 == 0 {
            d = d.add_callback(|n| Ok(n + 1));
        }
        if order & 1 == 0 {
            r1.callback(());
            r2.callback(());
            r3.callback(1);
        } else {
            r3.callback(1);
            r2.callback(());
            r1.callback(());
        }
        if order & 2 != 0 {
            d = d.add_callback(|n| Ok(n + 1));
        }
        assert_eq!(value(d), 2, "order {order}");
        drop(held);
    }
}

#[test]
fn an_outcome_may_be_either() {
    for at_once in [true, false] {
        let d = Deferred::succeed(()).add_callback(move |()| {
            if at_once {
                Next::Now(Ok(1))
            } else {
                Next::Later(Deferred::succeed(2))
            }
        });
        assert_eq!(value(d), if at_once { 1 } else { 2 });
    }
}

#[test]
fn a_stage_that_returns_its_own_deferred_fails() {
    let end = Rc::new(Cell::new(None::<Deferred<u32>>));
    let own = end.clone();
    let (resolver, d) = Deferred::<()>::new();
    let alive = Rc::new(());
    let counted = alive.clone();
    let result = Rc::new(Cell::new(None));
    let d = d.add_callback(move |()| {
        let _counted = &counted;
        own.take().expect("the end of this chain")
    });
    let seen = result.clone();
    // Returning the stage's own end means no other code reads it, so look from a failure that is
    // reported.
    end.set(Some(d));
    resolver.callback(());
    seen.set(Some(Rc::strong_count(&alive)));
    assert_eq!(
        result.take(),
        Some(1),
        "a chain that waits for itself would never be freed"
    );

    // A later stage of the same chain reads the failure.
    let end = Rc::new(Cell::new(None::<Deferred<u32>>));
    let own = end.clone();
    let seen = Rc::new(Cell::new(false));
    let itself = seen.clone();
    let (resolver, d) = Deferred::<()>::new();
    let d = d
        .add_callback(move |()| own.take().expect("the end of this chain"))
        .add_errback(move |failure| {
            itself.set(failure.check::<WaitsForItself>().is_some());
            Ok(0)
        });
    end.set(Some(d));
    resolver.callback(());
    assert!(seen.get());
}

#[test]
fn an_explicit_chain_passes_values_and_failures_on() {
    let (r, d) = Deferred::new();
    let (second, end) = Deferred::new();
    d.chain_deferred(second);
    r.callback(3);
    assert_eq!(value(end), 3);

    let (second, end) = Deferred::<u32>::new();
    Deferred::fail(Failure::new("x")).chain_deferred(second);
    assert_eq!(failure(end).to_string(), "x");
}

#[test]
fn maybe_deferred_takes_every_outcome() {
    assert_eq!(value(maybe_deferred(|| Ok(1))), 1);
    assert_eq!(value(maybe_deferred(|| Deferred::succeed(2))), 2);
    assert_eq!(
        failure(maybe_deferred(|| Err::<(), _>(Failure::new("x")))).to_string(),
        "x"
    );
}

#[test]
fn a_dropped_resolver_says_so() {
    let (resolver, d) = Deferred::<u32>::new();
    drop(resolver);
    let failure = failure(d);
    assert!(failure.check::<Abandoned>().is_some());
    assert_eq!(
        failure.location().file(),
        file!(),
        "where the Deferred was made"
    );
}

#[test]
fn a_resolver_that_is_dropped_in_a_stage_tells_after_that_chain() {
    let log = Log::default();
    let (other, d) = Deferred::<()>::new();
    let (abandoned, ran) = (log.clone(), log.clone());
    let told = d.add_errback(move |_| {
        abandoned.borrow_mut().push("abandoned");
        Ok(())
    });
    let end = Deferred::succeed(()).add_callback(move |()| {
        drop::<Resolver<()>>(other);
        ran.borrow_mut().push("stage");
        Ok(())
    });
    value(end);
    value(told);
    assert_eq!(*log.borrow(), ["stage", "abandoned"]);
}

#[test]
fn a_panic_passes_through_and_who_waited_is_told() {
    let (resolver, d) = Deferred::<()>::new();
    let (captured, waiting) = Deferred::<u32>::new();
    let d = d.add_callback(move |()| {
        let _captured = captured;
        if true {
            panic!("a bug");
        }
        Ok(())
    });
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| resolver.callback(())));
    assert!(caught.is_err());
    assert!(failure(waiting).check::<Abandoned>().is_some());
    // The loop works on.
    assert_eq!(value(Deferred::succeed(1).add_callback(|n| Ok(n + 1))), 2);
    assert!(d.into_result().is_err(), "its stage never returned");
}

#[test]
fn it_says_where_it_was_made_and_fired() {
    let (resolver, d) = Deferred::<()>::new();
    let made = line!() - 1;
    assert!(
        format!("{d:?}").contains(&format!("chains.rs:{made}:")),
        "{d:?}"
    );
    assert!(!format!("{d:?}").contains("fired"));
    resolver.callback(());
    let fired = line!() - 1;
    assert!(
        format!("{d:?}").contains(&format!("chains.rs:{fired}:")),
        "{d:?}"
    );
}

#[test]
fn execute_and_maybe_deferred_call_at_once() {
    assert_eq!(value(execute(|| Ok(1))), 1);
    assert_eq!(
        failure(execute(|| Err::<(), _>(Failure::new("x")))).to_string(),
        "x"
    );
}
