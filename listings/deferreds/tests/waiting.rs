//! Chains that wait for each other, and chains that fire each other.
use deferreds::{Deferred, Failure, Resolver, WaitsForItself};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// What a stage takes when it runs.
type Slot<T> = Rc<Cell<Option<T>>>;

fn taken<T>(slot: &Slot<T>) -> T {
    slot.take().expect("it was put there")
}

fn waits_for_itself(failure: &Failure) -> bool {
    failure.check::<WaitsForItself>().is_some()
}

/// Each of so many waits for the next, and the last one for the first. Returns the numbers of those
/// that failed, and how many closures are left.
fn ring(chains: usize) -> (Vec<usize>, usize) {
    let alive = Rc::new(());
    let failed = Rc::new(RefCell::new(Vec::new()));
    let ends: Vec<Slot<Deferred<()>>> = (0..chains).map(|_| Slot::default()).collect();
    let mut resolvers = Vec::new();
    for index in 0..chains {
        let (resolver, d) = Deferred::<()>::new();
        let (next, failed) = (ends[(index + 1) % chains].clone(), failed.clone());
        let alive = alive.clone();
        let d = d
            .add_callback(move |()| {
                let _alive = &alive;
                taken(&next)
            })
            .add_errback(move |failure| {
                assert!(waits_for_itself(&failure), "{failure:?}");
                failed.borrow_mut().push(index);
                Err(failure)
            });
        ends[index].set(Some(d));
        resolvers.push(resolver);
    }
    for resolver in resolvers {
        resolver.callback(());
    }
    let failed = failed.take();
    (failed, Rc::strong_count(&alive) - 1)
}

#[test]
fn chains_that_wait_for_each_other_fail_instead_of_hanging() {
    assert_eq!(ring(1), (vec![0], 0));
    // The last one closes the ring, and its failure goes round to those that wait for it.
    assert_eq!(ring(2), (vec![1, 0], 0));
    assert_eq!(ring(5), (vec![4, 3, 2, 1, 0], 0));
}

#[test]
fn who_fires_its_own_resolver_with_its_result_fails() {
    let (resolver, d) = Deferred::<u32>::new();
    let seen = Rc::new(Cell::new(0));
    let count = seen.clone();
    let d = d.add_errback(move |failure| {
        assert!(waits_for_itself(&failure));
        count.set(count.get() + 1);
        Ok(0)
    });
    d.chain_deferred(resolver);
    assert_eq!(seen.get(), 1);
}

#[test]
fn a_ring_that_an_explicit_chain_closes_fails() {
    let (second, end) = Deferred::<u32>::new();
    let (start, first) = Deferred::<()>::new();
    let seen = Rc::new(Cell::new(false));
    let itself = seen.clone();
    let first = first.add_callback(|()| end).add_errback(move |failure| {
        itself.set(waits_for_itself(&failure));
        Ok(0)
    });
    start.callback(());
    first.chain_deferred(second);
    assert!(seen.get());
}

#[test]
fn one_that_waited_before_may_wait_for_it_again_later() {
    // The first waits for the second; when that is over, the second's end is long gone, and nothing
    // is a ring.
    let (inner, d) = Deferred::<u32>::new();
    let (start, outer) = Deferred::<()>::new();
    let outer = outer
        .add_callback(|()| d)
        .add_callback(|n| Deferred::succeed(n + 1));
    start.callback(());
    inner.callback(1);
    assert_eq!(outer.into_result().unwrap().unwrap(), 2);
}

#[test]
fn what_a_stage_fires_runs_at_once_inside_it() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let (second, d) = Deferred::<()>::new();
    let (inner, outer) = (log.clone(), log.clone());
    let told = d.add_callback(move |()| {
        inner.borrow_mut().push("second");
        Ok(())
    });
    let end = Deferred::succeed(()).add_callback(move |()| {
        outer.borrow_mut().push("before");
        second.callback(());
        outer.borrow_mut().push("after");
        Ok(())
    });
    drop((told, end));
    assert_eq!(*log.borrow(), ["before", "second", "after"]);
}

#[test]
fn the_seventeenth_chain_inside_the_others_runs_after_them() {
    // Each stage notes that it begins, fires the next chain, and notes that it ends.
    let log = Rc::new(RefCell::new(Vec::new()));
    let mut next: Option<Resolver<()>> = None;
    for depth in (1..=18).rev() {
        let (resolver, d) = Deferred::<()>::new();
        let (log, inner) = (log.clone(), next.take());
        drop(d.add_callback(move |()| {
            log.borrow_mut().push(depth);
            if let Some(inner) = inner {
                inner.callback(());
            }
            log.borrow_mut().push(-depth);
            Ok(())
        }));
        next = Some(resolver);
    }
    next.expect("the first").callback(());
    let mut expected: Vec<i32> = (1..=16).collect();
    expected.extend((1..=16).rev().map(|depth| -depth));
    expected.extend([17, 18, -18, -17]);
    assert_eq!(*log.borrow(), expected);
}
