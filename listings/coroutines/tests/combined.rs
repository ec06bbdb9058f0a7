//! join, select, timeout, sleep, block_on: in virtual time.
use coroutines::{
    Either, Stopped, block_on, join, join_all, select, sleep, spawn, timeout, yield_now,
};
use deferreds::{Cancelled, Deferred, Failure, TimedOut};
use reactor::{Handle, Reactor, Sim};
use std::{cell::Cell, future::pending, rc::Rc, time::Duration};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn sim() -> (Reactor, Handle) {
    let reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    (reactor, h)
}

/// How many timers are left: a simulated world with none is stalled.
fn stalls(reactor: &mut Reactor) -> bool {
    matches!(reactor.turn(None), Err(error) if reactor::is_stalled(&error))
}

#[test]
fn sleeps_end_in_the_order_of_their_deadlines() {
    let (mut reactor, h) = sim();
    let order = Rc::new(std::cell::RefCell::new(Vec::new()));
    let tasks: Vec<_> = [3, 1, 2]
        .map(|n| {
            let (h, order) = (h.clone(), order.clone());
            spawn(&h.clone(), async move {
                sleep(&h, secs(n)).await;
                order.borrow_mut().push(n);
                Ok(h.now().as_millis())
            })
        })
        .into_iter()
        .collect();
    let times = block_on(&mut reactor, async {
        join_all(tasks)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(*order.borrow(), [1, 2, 3]);
    assert_eq!(times.unwrap(), [3_000, 1_000, 2_000]);
}

#[test]
fn a_dropped_sleep_takes_its_timer_back() {
    let (mut reactor, h) = sim();
    drop(sleep(&h, secs(9)));
    let polled = block_on(&mut reactor, async {
        Ok(select(sleep(&h, secs(9)), async {}).await)
    });
    assert_eq!(polled.unwrap(), Either::Right(()));
    assert!(stalls(&mut reactor));
    assert_eq!(h.now().as_millis(), 0);
}

#[test]
fn a_sleep_counts_from_its_call_and_wakes_who_polled_last() {
    let (mut reactor, h) = sim();
    let slept = sleep(&h, secs(2));
    let late = h.clone();
    block_on(&mut reactor, async {
        sleep(&late, secs(1)).await;
        // Polled once here, and then in a task with another waker.
        let mut slept = Box::pin(slept);
        let first = select(slept.as_mut(), async {}).await;
        assert_eq!(first, Either::Right(()));
        spawn(&late, async {
            slept.await;
            Ok(())
        })
        .await
    })
    .unwrap();
    assert_eq!(h.now().as_millis(), 2_000);
}

#[test]
fn join_gives_both_whichever_is_first() {
    let (mut reactor, h) = sim();
    for (a, b) in [(1, 2), (2, 1)] {
        let start = h.now();
        let after = |n| {
            let h = h.clone();
            async move {
                sleep(&h, secs(n)).await;
                n
            }
        };
        let both = block_on(&mut reactor, async { Ok(join(after(a), after(b)).await) });
        assert_eq!(both.unwrap(), (a, b));
        assert_eq!(h.now() - start, secs(2));
    }
}

#[test]
fn join_all_of_none_is_ready_at_once() {
    let (mut reactor, _) = sim();
    let none: [Deferred<()>; 0] = [];
    let all = block_on(&mut reactor, async { Ok(join_all(none).await.len()) });
    assert_eq!(all.unwrap(), 0);
}

#[test]
fn select_drops_the_loser_and_so_cancels_its_deferred() {
    let (mut reactor, h) = sim();
    let cancelled = Rc::new(Cell::new(false));
    let set = cancelled.clone();
    let (_resolver, slow) = Deferred::<()>::with_canceller(move |_| set.set(true));
    let seen = cancelled.clone();
    let first = block_on(&mut reactor, async {
        let first = select(slow, sleep(&h, secs(1))).await;
        assert!(seen.get(), "the loser is gone when select is done");
        Ok(matches!(first, Either::Right(())))
    });
    assert!(first.unwrap());
}

#[test]
fn of_two_that_are_ready_select_takes_the_first() {
    let (mut reactor, _) = sim();
    let first = block_on(&mut reactor, async {
        Ok(select(async { 1 }, async { 2 }).await)
    });
    assert_eq!(first.unwrap(), Either::Left(1));
}

#[test]
fn timeout_drops_what_is_late_and_takes_its_timer_back_when_it_is_not() {
    let (mut reactor, h) = sim();
    let held = Rc::new(());
    let inside = held.clone();
    let late = block_on(&mut reactor, async {
        let late = timeout(&h, secs(5), async move {
            let _inside = inside;
            pending::<()>().await
        });
        Ok(late.await)
    });
    assert_eq!(late.unwrap(), Err(TimedOut));
    assert_eq!((h.now().as_millis(), Rc::strong_count(&held)), (5_000, 1));
    let in_time = block_on(&mut reactor, async {
        timeout(&h, secs(5), Deferred::succeed(7)).await?
    });
    assert_eq!(in_time.unwrap(), 7);
    assert!(stalls(&mut reactor));
    assert_eq!(h.now().as_millis(), 5_000);
}

#[test]
fn timeout_looks_at_the_future_first_when_both_have_happened() {
    let (mut reactor, h) = sim();
    let (resolver, poem) = Deferred::new();
    let in_time = timeout(&h, secs(1), poem);
    // A later timer of the same moment: the alarm has rung, and no task has been polled.
    h.call_later(secs(1), |_| resolver.callback("Trees"));
    let poem = block_on(&mut reactor, async { in_time.await? });
    assert_eq!(poem.unwrap(), "Trees");
}

#[test]
fn timeout_of_a_task_cancels_the_task() {
    let (mut reactor, h) = sim();
    let held = Rc::new(());
    let inside = held.clone();
    let task = spawn(&h, async move {
        let _inside = inside;
        pending::<Result<(), Failure>>().await
    });
    let late = block_on(&mut reactor, async { timeout(&h, secs(1), task).await? });
    assert!(late.unwrap_err().check::<TimedOut>().is_some());
    assert_eq!(Rc::strong_count(&held), 1);
}

#[test]
fn block_on_may_borrow_and_leaves_the_other_tasks_with_the_reactor() {
    let (mut reactor, h) = sim();
    let mut count = 0;
    let handle = h.clone();
    let other = spawn(&h, async move {
        sleep(&handle, secs(10)).await;
        Ok("later")
    });
    block_on(&mut reactor, async {
        for _ in 0..10 {
            yield_now().await;
            count += 1;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!((count, h.now().as_millis()), (10, 0));
    let other = block_on(&mut reactor, async { other.await });
    assert_eq!(other.unwrap(), "later");
    assert_eq!(h.now().as_millis(), 10_000);
}

#[test]
fn block_on_says_that_the_reactor_was_stopped_or_that_nothing_can_happen() {
    let (mut reactor, h) = sim();
    let stalled = block_on(&mut reactor, pending::<Result<(), Failure>>()).unwrap_err();
    let error = stalled.trap::<std::io::Error>().unwrap();
    assert!(reactor::is_stalled(&error));
    h.call_later(secs(1), |h| h.stop().unwrap());
    let stopped = block_on(&mut reactor, pending::<Result<(), Failure>>()).unwrap_err();
    assert!(stopped.check::<Stopped>().is_some());
    // A future that is ready needs no reactor that turns.
    assert_eq!(block_on(&mut reactor, async { Ok(1) }).unwrap(), 1);
}

#[test]
fn block_on_says_why_the_reactor_failed_also_before_its_first_turn() {
    for early in [true, false] {
        let (mut reactor, h) = sim();
        h.call_later(secs(if early { 9 } else { 1 }), |h| h.fail("late"));
        if early {
            h.fail("early");
        }
        let failure = block_on(&mut reactor, pending::<Result<(), Failure>>()).unwrap_err();
        assert_eq!(failure.to_string(), if early { "early" } else { "late" });
        assert_eq!(h.now().as_millis(), if early { 0 } else { 1_000 });
    }
}

#[test]
fn a_stale_waker_of_one_block_on_wakes_no_other() {
    let (mut reactor, h) = sim();
    let mut stale = None;
    block_on(&mut reactor, async {
        stale = Some(
            std::future::poll_fn(|context| std::task::Poll::Ready(context.waker().clone())).await,
        );
        Ok(())
    })
    .unwrap();
    let polls = Cell::new(0);
    h.call_later(secs(1), move |_| stale.unwrap().wake());
    h.call_later(secs(2), |h| h.stop().unwrap());
    let waits = std::future::poll_fn(|_| {
        polls.set(polls.get() + 1);
        std::task::Poll::<Result<(), Failure>>::Pending
    });
    assert!(block_on(&mut reactor, waits).is_err());
    assert_eq!(polls.get(), 1);
}

#[test]
fn a_future_that_wakes_itself_and_ends_leaves_no_reactor_that_spins() {
    let (mut reactor, h) = sim();
    let ends = |context: &mut std::task::Context<'_>| {
        context.waker().wake_by_ref();
        std::task::Poll::Ready(Ok::<_, Failure>(7))
    };
    let seven = block_on(&mut reactor, std::future::poll_fn(ends));
    assert_eq!(seven.unwrap(), 7);
    h.call_later(secs(1), |_| {});
    reactor.turn(None).unwrap(); // it waits
    assert_eq!(h.now().as_millis(), 1_000);
}

#[test]
fn a_failure_of_a_task_that_nobody_kept_is_not_lost_on_the_others() {
    let (mut reactor, h) = sim();
    drop(spawn(&h, async { Err::<(), _>(Failure::new("nobody looks")) }).add_errback(|_| Ok(())));
    let task = spawn(&h, async { Err::<(), _>(Failure::from(Cancelled)) });
    let failure = block_on(&mut reactor, async { task.await }).unwrap_err();
    assert!(failure.check::<Cancelled>().is_some());
}

/// In the simulated world, too: time goes on while a task is always busy.
#[test]
fn a_sleep_ends_beside_a_task_that_yields_for_ever() {
    let (mut reactor, h) = sim();
    let busy = spawn(&h, async {
        loop {
            yield_now().await;
        }
        #[allow(unreachable_code)]
        Ok(())
    });
    let short = Duration::from_millis(1);
    let slept = block_on(&mut reactor, async {
        sleep(&h, short).await;
        Ok(h.now().since_start())
    });
    assert!((short..2 * short).contains(&slept.unwrap()));
    drop(busy);
}
