//! Allocations, counted: two for a task, a third once its waker is kept, and none for wakes
//! that say nothing new.
use coroutines::{spawn, yield_now};
use deferreds::{Deferred, Failure, Resolver};
use reactor::{Handle, Reactor, Sim};
use std::{
    cell::RefCell,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
    thread,
    time::Duration,
};

/// How many allocations one task more takes. The first ones fill what the executor needs once: its
/// table, its queue.
fn each(task: impl Fn(&Handle)) -> u64 {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let mut measure = |tasks| {
        allocation_counter::measure(|| {
            for _ in 0..tasks {
                task(&h);
                for _ in 0..3 {
                    reactor.turn(Some(Duration::ZERO)).unwrap();
                }
            }
        })
    };
    measure(100);
    let counted = measure(1_000);
    assert_eq!(counted.count_current, 0, "{counted:?}: something was kept");
    assert_eq!(
        counted.count_total % 1_000,
        0,
        "{counted:?}: not each alike"
    );
    counted.count_total / 1_000
}

#[test]
fn a_task_that_is_done_at_once_is_two_allocations() {
    let captured = [1_u64; 16];
    assert_eq!(each(|h| drop(spawn(h, async { Ok(1) }))), 2);
    let with_more = |h: &Handle| drop(spawn(h, async move { Ok(captured[3]) }));
    assert_eq!(each(with_more), 2);
}

#[test]
fn a_task_that_yields_needs_no_more() {
    let yields = async || {
        yield_now().await;
        Ok(())
    };
    assert_eq!(each(|h| drop(spawn(h, yields()))), 2);
}

#[test]
fn a_task_that_is_woken_later_has_a_waker_of_its_own() {
    let kept = Rc::new(RefCell::new(None));
    let keep = |h: &Handle| {
        let kept = kept.clone();
        let mut first = true;
        drop(spawn(
            h,
            poll_fn(move |context| {
                if std::mem::take(&mut first) {
                    context.waker().wake_by_ref();
                    *kept.borrow_mut() = Some(context.waker().clone());
                    return Poll::Pending;
                }
                drop(kept.take());
                Poll::Ready(Ok(()))
            }),
        ));
    };
    assert_eq!(each(keep), 3);
}

#[test]
fn a_task_that_awaits_a_deferred_adds_a_stage_and_a_mailbox() {
    /// Fires in the turn after this one, when the task has been polled.
    fn fire_later(h: &Handle, resolver: Resolver<u32>) {
        h.call_soon(|h| h.call_soon(|_| resolver.callback(1)));
    }
    let alone = |h: &Handle| {
        let (resolver, deferred) = Deferred::<u32>::new();
        fire_later(h, resolver);
        drop(deferred);
    };
    let awaited = |h: &Handle| {
        let (resolver, deferred) = Deferred::<u32>::new();
        drop(spawn(h, async { Ok(deferred.await? + 1) }));
        fire_later(h, resolver);
    };
    // The task, its waker, the stage that takes the result, and the place where it is left.
    assert_eq!(each(awaited) - each(alone), 2 + 1 + 1 + 1);
}

#[test]
fn a_thread_that_wakes_a_few_tasks_again_and_again_fills_no_memory() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let wakers = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..10 {
        let wakers = wakers.clone();
        drop(spawn(
            &h,
            poll_fn(move |context| {
                wakers.borrow_mut().push(context.waker().clone());
                Poll::<Result<(), Failure>>::Pending
            }),
        ));
    }
    reactor.turn(Some(Duration::ZERO)).unwrap();
    let wakers = wakers.take();
    // The reactor does not turn meanwhile.
    let thread = thread::spawn(move || {
        allocation_counter::measure(|| {
            for _ in 0..100_000 {
                wakers.iter().for_each(Waker::wake_by_ref);
            }
        })
    });
    let counted = thread.join().unwrap();
    assert!(counted.bytes_max < 4_000, "{counted:?}");
}
