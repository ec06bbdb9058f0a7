//! Locks and semaphores.
mod help;
use deferreds::{
    Cancelled, Deferred, Failure, Guard, Lock, Resolver, Semaphore, TimedOut, defer_later,
};
use help::{Log, failure, is, sim, small_stack, until_stalled, value, waits};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

#[test]
fn a_lock_is_held_by_one_at_a_time_in_the_order_in_which_they_came() {
    let lock = Lock::new();
    let log = Log::default();
    let held = value(lock.acquire());
    let guards = Rc::new(RefCell::new(Vec::new()));
    for name in ["b", "c", "d"] {
        let (log, guards) = (log.clone(), guards.clone());
        drop(lock.acquire().add_callback(move |guard| {
            log.note(name);
            guards.borrow_mut().push(guard);
            Ok(())
        }));
    }
    assert_eq!((lock.is_locked(), lock.waiting()), (true, 3));
    assert!(lock.try_acquire().is_none());
    drop(held);
    assert_eq!((log.take(), lock.waiting()), ("b".to_owned(), 2));
    for (name, left) in [("c", 1), ("d", 0)] {
        let guard = guards.borrow_mut().pop();
        drop(guard);
        assert_eq!((log.take(), lock.waiting()), (name.to_owned(), left));
    }
    guards.take();
    assert!(!lock.is_locked());
    assert!(lock.try_acquire().is_some());
}

#[test]
fn a_semaphore_lets_so_many_in_and_no_more() {
    let (mut reactor, h) = sim();
    let three = Semaphore::new(3);
    let (inside, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    for _ in 0..10 {
        let (h, inside, most) = (h.clone(), inside.clone(), most.clone());
        drop(three.run(move || {
            inside.set(inside.get() + 1);
            most.set(most.get().max(inside.get()));
            defer_later(&h, Duration::from_secs(1), move |_| {
                inside.set(inside.get() - 1);
                Ok(())
            })
        }));
    }
    assert_eq!((three.limit(), three.free(), three.waiting()), (3, 0, 7));
    until_stalled(&mut reactor);
    assert_eq!((most.get(), inside.get(), three.free()), (3, 0, 3));
    // Ten of one second each, three at a time.
    assert_eq!(h.now().as_millis(), 4_000);
}

#[test]
#[should_panic(expected = "a semaphore needs a token")]
fn a_semaphore_without_tokens_is_refused() {
    let _ = Semaphore::new(0);
}

#[test]
fn a_cancelled_waiter_leaves_and_the_others_keep_their_places() {
    let lock = Lock::new();
    let held = value(lock.acquire());
    let (b, c, d) = (lock.acquire(), lock.acquire(), lock.acquire());
    c.canceller().cancel();
    assert!(is::<Cancelled, _>(c));
    assert_eq!(lock.waiting(), 2);
    drop(held);
    let (held, d) = (value(b), waits(d));
    drop(held);
    drop(value(d));
    assert!(!lock.is_locked());
}

#[test]
fn cancelling_one_that_has_the_lock_does_nothing() {
    let lock = Lock::new();
    let d = lock.acquire();
    d.canceller().cancel();
    assert!(lock.is_locked());
    drop(d);
    assert!(!lock.is_locked());
}

#[test]
fn a_waiter_that_was_dropped_passes_the_lock_on() {
    let lock = Lock::new();
    let held = value(lock.acquire());
    drop(lock.acquire());
    let last = lock.acquire();
    drop(held);
    drop(value(last));
    assert!(!lock.is_locked());
}

#[test]
fn a_timeout_ends_the_wait_and_the_place_in_line() {
    let (mut reactor, h) = sim();
    let lock = Lock::new();
    let _held = value(lock.acquire());
    let d = lock.acquire().add_timeout(&h, Duration::from_secs(1));
    until_stalled(&mut reactor);
    assert!(is::<TimedOut, _>(d));
    assert_eq!(lock.waiting(), 0);
}

#[test]
fn run_lets_go_on_success_on_failure_and_on_cancel() {
    let lock = Lock::new();
    assert_eq!(value(lock.run(|| Ok(7))), 7);
    assert!(!lock.is_locked());
    let failed = lock.run(|| Err::<(), _>(Failure::new("inside")));
    assert_eq!(failure(failed).to_string(), "inside");
    assert!(!lock.is_locked());

    let (resolver, inner) = Deferred::<u32>::new();
    let waiting = lock.run(|| inner);
    assert!(lock.is_locked());
    resolver.errback(Failure::new("later"));
    assert_eq!(failure(waiting).to_string(), "later");
    assert!(!lock.is_locked());

    let (resolver, inner) = Deferred::<u32>::new();
    let waiting = lock.run(|| inner);
    waiting.canceller().cancel();
    assert!(resolver.is_cancelled());
    assert!(is::<Cancelled, _>(waiting));
    assert!(!lock.is_locked());
}

#[test]
fn cancelled_in_line_run_never_calls_its_function() {
    let lock = Lock::new();
    let held = value(lock.acquire());
    let inside = Rc::new(());
    let captured = inside.clone();
    let d = lock.run(move || Ok(captured));
    d.canceller().cancel();
    assert!(is::<Cancelled, _>(d));
    assert_eq!((Rc::strong_count(&inside), lock.waiting()), (1, 0));
    drop(held);
    assert!(!lock.is_locked());
}

#[test]
fn a_panic_lets_go_and_the_others_are_served() {
    let lock = Lock::new();
    let held = value(lock.acquire());
    let first = lock.run(|| -> Result<(), Failure> { panic!("a bug") });
    let second = lock.run(|| Ok("served"));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(held))).is_err());
    assert!(!lock.is_locked());
    assert_eq!(value(second), "served");
    // The one that panicked never has a result.
    drop(waits(first));
}

#[test]
fn who_comes_while_others_are_served_comes_last() {
    let lock = Lock::new();
    let log = Log::default();
    let held = value(lock.acquire());
    let (first, again) = (log.clone(), lock.clone());
    drop(lock.acquire().add_callback(move |guard| {
        drop(guard);
        let late = first.clone();
        drop(again.run(move || {
            late.note("late");
            Ok(())
        }));
        first.note("first");
        Ok(())
    }));
    let second = log.clone();
    drop(lock.run(move || {
        second.note("second");
        Ok(())
    }));
    drop(held);
    assert_eq!(log.take(), "first second late");
    assert!(!lock.is_locked());
}

#[test]
fn the_lock_and_what_waits_for_it_are_freed() {
    let inside = Rc::new(());
    let lock = Lock::new();
    let held = value(lock.acquire());
    for _ in 0..3 {
        let captured = inside.clone();
        drop(lock.run(move || Ok(captured)));
    }
    // The guard is the last that knows of the lock; the waiters get it all the same.
    drop(lock);
    assert_eq!(Rc::strong_count(&inside), 4);
    drop(held);
    assert_eq!(Rc::strong_count(&inside), 1);

    // One that holds it for ever, and is dropped with all it waits for.
    let lock = Lock::new();
    let (resolver, inner) = Deferred::<()>::new();
    let captured = inside.clone();
    let forever = lock.run(move || inner.add_callback(|()| Ok(captured)));
    drop(forever);
    drop(resolver);
    assert_eq!((Rc::strong_count(&inside), lock.is_locked()), (1, false));
}

#[test]
fn a_million_waiters_in_a_small_stack() {
    const MANY: u32 = 1_000_000;
    small_stack(|| {
        let lock = Lock::new();
        let held = value(lock.acquire());
        let count = Rc::new(Cell::new(0));
        for n in 0..MANY {
            let count = count.clone();
            // Each lets the next one in before it returns; some do not even look.
            match n % 3 {
                0 => drop(lock.acquire()),
                1 => drop(lock.acquire().add_callback(|guard: Guard| {
                    drop(guard);
                    Ok(())
                })),
                _ => drop(lock.run(move || {
                    count.set(count.get() + 1);
                    Ok(())
                })),
            }
        }
        drop(held);
        assert_eq!((count.get(), lock.waiting()), (MANY / 3, 0));
        assert!(!lock.is_locked());
    });
}

#[test]
fn a_million_waiters_that_wait_again_in_a_small_stack() {
    small_stack(|| {
        let lock = Lock::new();
        let (first, inner) = Deferred::<()>::new();
        drop(lock.run(|| inner));
        let (mut resolvers, mut ends): (Vec<Resolver<()>>, Vec<Deferred<()>>) = Default::default();
        for _ in 0..1_000_000 {
            let (resolver, inner) = Deferred::new();
            resolvers.push(resolver);
            ends.push(lock.run(|| inner));
        }
        // All that they will wait for is there already: one release runs through all of them.
        for resolver in resolvers {
            resolver.callback(());
        }
        first.callback(());
        assert!(ends.into_iter().all(|end| end.into_result().is_ok()));
        assert!(!lock.is_locked());
    });
}

#[test]
fn two_that_panic_in_one_line_do_not_end_the_process() {
    let lock = Lock::new();
    let held = lock.try_acquire().unwrap();
    let bug = || -> Result<(), Failure> { panic!("a bug") };
    let bad = [lock.run(bug), lock.run(bug), lock.run(bug)];
    let good = lock.run(|| Ok("served"));
    let panic = catch_unwind(AssertUnwindSafe(|| drop(held))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"a bug"));
    assert_eq!(good.into_result().unwrap().unwrap(), "served");
    assert!(!lock.is_locked());
    drop(bad);
}

#[test]
fn a_guard_that_is_dropped_inside_the_stage_it_was_given_to_serves_the_next_after_that_stage() {
    let (lock, log) = (Lock::new(), Log::default());
    let held = value(lock.acquire());
    let first = log.clone();
    drop(lock.acquire().add_callback(move |guard| {
        drop(guard);
        first.step("dropped")
    }));
    let second = log.clone();
    drop(
        lock.acquire()
            .add_callback(move |_guard| second.step("next")),
    );
    drop(held);
    assert_eq!(log.take(), "dropped next");
}
