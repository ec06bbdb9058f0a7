//! Allocations, counted exactly: one for a Deferred, one for a stage, one more for a Deferred that
//! a stage returns.
use deferreds::{Deferred, Failure, Next};

/// Allocations on the way, and that all memory came back.
fn allocations(what: impl FnOnce()) -> u64 {
    let counted = allocation_counter::measure(what);
    assert_eq!(counted.count_current, 0, "{counted:?}: something was kept");
    counted.count_total
}

/// How many allocations a chain of 10 takes more than one of 9: whatever is needed once is in both.
fn each(chain: impl Fn(u32)) -> u64 {
    chain(1); // The queue of what is dropped later grows once in a thread.
    let (nine, ten) = (allocations(|| chain(9)), allocations(|| chain(10)));
    assert_eq!(allocations(|| chain(1_000)) - ten, 990 * (ten - nine));
    ten - nine
}

fn read<T>(deferred: Deferred<T>) -> Result<T, Failure> {
    deferred.into_result().expect("it has fired")
}

#[test]
fn a_deferred_is_one_allocation() {
    assert_eq!(
        allocations(|| {
            let (resolver, deferred) = Deferred::new();
            resolver.callback(1);
            assert_eq!(read(deferred).unwrap(), 1);
        }),
        1
    );
    assert_eq!(allocations(|| drop(Deferred::succeed([1_u64; 40]))), 1);
}

#[test]
fn a_stage_is_one_allocation_whatever_it_captures_and_whenever_it_is_added() {
    let before = |stages| {
        let (resolver, mut deferred) = Deferred::new();
        let captured = [1_u64; 16];
        for _ in 0..stages {
            deferred = deferred.add_callback(move |n| Ok(n + captured[3]));
        }
        resolver.callback(0);
        assert_eq!(read(deferred).unwrap(), u64::from(stages));
    };
    let after = |stages| {
        let mut deferred = Deferred::succeed(0);
        for _ in 0..stages {
            deferred = deferred.add_both(|n| Ok(n? + 1));
        }
        assert_eq!(read(deferred).unwrap(), stages);
    };
    let dropped = |stages| {
        let (resolver, mut deferred) = Deferred::new();
        for _ in 0..stages {
            deferred = deferred.add_callbacks(|n: u32| Ok(n + 1), |_| Ok(0));
        }
        drop(deferred);
        resolver.callback(1);
    };
    assert_eq!([each(before), each(after), each(dropped)], [1, 1, 1]);
}

#[test]
fn a_stage_that_is_passed_by_costs_the_same() {
    let skipped = |stages| {
        let mut deferred = Deferred::succeed(7);
        for _ in 0..stages {
            deferred = deferred.add_errback(|_| Ok(0));
        }
        assert_eq!(read(deferred).unwrap(), 7);
    };
    assert_eq!(each(skipped), 1);
}

#[test]
fn a_returned_deferred_adds_its_own_and_nothing_else() {
    let fired = |stages| {
        let (resolver, mut deferred) = Deferred::new();
        for _ in 0..stages {
            deferred = deferred.add_callback(|n: u32| Deferred::succeed(n + 1));
        }
        resolver.callback(0);
        assert_eq!(read(deferred).unwrap(), stages);
    };
    let next = |stages| {
        let mut deferred = Deferred::succeed(0);
        for _ in 0..stages {
            deferred = deferred.add_callback(|n: u32| Next::Later(Deferred::succeed(n + 1)));
        }
        assert_eq!(read(deferred).unwrap(), stages);
    };
    // Each waits for the one before: its own, the stage, and the link that brings the result over.
    let waits = |stages| {
        let (resolver, mut deferred) = Deferred::<u32>::new();
        for _ in 0..stages {
            let inner = deferred;
            deferred = Deferred::succeed(()).add_callback(move |()| inner);
        }
        resolver.callback(5);
        assert_eq!(read(deferred).unwrap(), 5);
    };
    // The next stage is there and takes the place of the link.
    let waits_before_the_next = |stages| {
        let (resolver, mut deferred) = Deferred::<u32>::new();
        let mut resolvers = Vec::with_capacity(1_000);
        for _ in 0..stages {
            let (resolver, inner) = Deferred::new();
            resolvers.push(resolver);
            deferred = deferred.add_callback(|_| inner);
        }
        resolver.callback(0);
        for (resolver, number) in resolvers.into_iter().zip(1..) {
            resolver.callback(number);
        }
        assert_eq!(read(deferred).unwrap(), stages);
    };
    let waiting = [each(waits), each(waits_before_the_next)];
    assert_eq!([each(fired), each(next)], [2, 2]);
    assert_eq!(waiting, [3, 2]);
}

#[test]
fn a_failure_is_two_allocations_and_passes_stages_for_nothing_more() {
    let carried = allocations(|| {
        let deferred = Deferred::<u32>::fail(std::fmt::Error).add_callback(|n| Ok(n + 1));
        assert!(read(deferred).is_err());
    });
    // An error without fields needs no memory; the box with it and its place does.
    assert_eq!(carried, 1 + 1 + 1);
    let boxed = allocations(|| drop(Failure::from("x".parse::<u32>().unwrap_err())));
    assert_eq!(boxed, 2);
}
