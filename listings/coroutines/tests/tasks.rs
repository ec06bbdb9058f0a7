//! What becomes of a task: done, dropped, cancelled, panicked, or gone with its reactor. Drops are
//! counted.
use coroutines::{sleep, spawn, yield_now};
use deferreds::{Abandoned, Cancelled, Deferred, Failure};
use reactor::{Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    future::{pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    task::Poll,
    time::Duration,
};

/// Counts its drops.
#[derive(Clone, Default)]
struct Drops(Rc<Cell<u32>>);

struct Counted(Drops);

impl Drops {
    fn guard(&self) -> Counted {
        Counted(self.clone())
    }
    fn count(&self) -> u32 {
        self.0.get()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.set(self.0.0.get() + 1);
    }
}

fn turns(reactor: &mut Reactor, count: u32) {
    for _ in 0..count {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
}

#[test]
fn a_task_begins_in_the_turn_and_not_inside_spawn() {
    let mut reactor = Reactor::new(Sim::new(1));
    let log = Rc::new(RefCell::new(Vec::new()));
    let inside = log.clone();
    let task = spawn(&reactor.handle(), async move {
        inside.borrow_mut().push("task");
        Ok(7)
    });
    log.borrow_mut().push("after spawn");
    let task = task.into_result().unwrap_err();
    turns(&mut reactor, 1);
    assert_eq!(*log.borrow(), ["after spawn", "task"]);
    assert_eq!(task.into_result().unwrap().unwrap(), 7);
}

#[test]
fn the_future_is_gone_before_its_deferred_fires() {
    let mut reactor = Reactor::new(Sim::new(1));
    let drops = Drops::default();
    let (held, seen) = (drops.guard(), drops.clone());
    let task = spawn(&reactor.handle(), async move {
        let _held = held;
        Ok(())
    })
    .add_callback(move |()| Ok(seen.count()));
    turns(&mut reactor, 1);
    assert_eq!(task.into_result().unwrap().unwrap(), 1);
}

#[test]
fn a_task_runs_on_when_its_deferred_is_dropped() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let done = Rc::new(Cell::new(false));
    let set = done.clone();
    drop(spawn(&h, async move {
        yield_now().await;
        set.set(true);
        Ok(())
    }));
    turns(&mut reactor, 3);
    assert!(done.get());
}

#[test]
fn its_canceller_drops_the_future_where_it_stands_and_then_fires_cancelled() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let drops = Drops::default();
    let (held, seen) = (drops.guard(), drops.clone());
    let task = spawn(&h, async move {
        let _held = held;
        pending::<()>().await;
        Ok(())
    });
    let canceller = task.canceller();
    let task = task.add_both(move |result| Ok((result.unwrap_err(), seen.count())));
    turns(&mut reactor, 2);
    assert_eq!(drops.count(), 0);
    canceller.cancel();
    let (failure, drops_before) = task.into_result().unwrap().unwrap();
    assert!(failure.check::<Cancelled>().is_some());
    assert_eq!(drops_before, 1);
}

#[test]
fn a_task_cancelled_before_its_first_poll_is_never_polled() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let polled = Rc::new(Cell::new(false));
    let set = polled.clone();
    let task = spawn(&h, async move {
        set.set(true);
        Ok(())
    });
    task.canceller().cancel();
    // Its place is taken by another task, which must not get the poll of the first.
    let other = spawn(&h, async { Ok("other") });
    turns(&mut reactor, 2);
    assert!(!polled.get());
    assert!(
        task.into_result()
            .unwrap()
            .unwrap_err()
            .check::<Cancelled>()
            .is_some()
    );
    assert_eq!(other.into_result().unwrap().unwrap(), "other");
}

#[test]
fn a_task_that_cancels_itself_runs_to_its_next_await() {
    let mut reactor = Reactor::new(Sim::new(1));
    let drops = Drops::default();
    let held = drops.guard();
    let canceller = Rc::new(RefCell::new(None::<deferreds::Canceller>));
    let mine = canceller.clone();
    let seen = drops.clone();
    let log = Rc::new(RefCell::new(Vec::new()));
    let inside = log.clone();
    let task = spawn(&reactor.handle(), async move {
        let _held = held;
        mine.borrow().as_ref().unwrap().cancel();
        inside.borrow_mut().push("after cancel");
        yield_now().await;
        inside.borrow_mut().push("after await");
        Ok(0)
    });
    *canceller.borrow_mut() = Some(task.canceller());
    let task = task.add_errback(move |failure| {
        failure.trap::<Cancelled>()?;
        Ok(seen.count())
    });
    turns(&mut reactor, 3);
    assert_eq!(*log.borrow(), ["after cancel"]);
    assert_eq!(
        task.into_result().unwrap().unwrap(),
        1,
        "the future is gone first"
    );
}

#[test]
fn a_task_that_cancels_itself_and_then_ends_is_still_cancelled() {
    let mut reactor = Reactor::new(Sim::new(1));
    let canceller = Rc::new(RefCell::new(None::<deferreds::Canceller>));
    let mine = canceller.clone();
    let task = spawn(&reactor.handle(), async move {
        mine.borrow().as_ref().unwrap().cancel();
        Ok(1)
    });
    *canceller.borrow_mut() = Some(task.canceller());
    turns(&mut reactor, 2);
    assert!(
        task.into_result()
            .unwrap()
            .unwrap_err()
            .check::<Cancelled>()
            .is_some()
    );
}

#[test]
fn a_panic_goes_through_the_turn_and_the_others_go_on() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let drops = Drops::default();
    let held = drops.guard();
    let bad = spawn(&h, async move {
        let _held = held;
        yield_now().await;
        panic!("a bug");
        #[allow(unreachable_code)]
        Ok(())
    });
    let good = spawn(&h, async {
        yield_now().await;
        Ok("good")
    });
    let panic = catch_unwind(AssertUnwindSafe(|| turns(&mut reactor, 2))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"a bug"));
    assert_eq!(drops.count(), 1);
    assert!(
        bad.into_result()
            .unwrap()
            .unwrap_err()
            .check::<Abandoned>()
            .is_some()
    );
    turns(&mut reactor, 1);
    assert_eq!(good.into_result().unwrap().unwrap(), "good");
}

#[test]
fn dropping_the_reactor_drops_every_task_also_those_that_destructors_spawn() {
    struct Spawns(reactor::Handle, Drops);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let held = self.1.guard();
            drop(
                spawn(&self.0, async move {
                    let _held = held;
                    Ok(())
                })
                .add_errback(|failure| {
                    failure.trap::<Abandoned>()?;
                    Ok(())
                }),
            );
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let drops = Drops::default();
    let waits = |held: Counted| async move {
        let _held = held;
        pending::<Result<(), Failure>>().await
    };
    let first = spawn(&h, waits(drops.guard()));
    let never_polled = drops.guard();
    let spawns = Spawns(h.clone(), drops.clone());
    let second = spawn(&h, async move {
        let _held = (spawns, never_polled);
        pending::<Result<(), Failure>>().await
    });
    turns(&mut reactor, 2);
    let third = spawn(&h, waits(drops.guard()));
    drop(reactor);
    assert_eq!(drops.count(), 4);
    for task in [first, second, third] {
        assert!(
            task.into_result()
                .unwrap()
                .unwrap_err()
                .check::<Abandoned>()
                .is_some()
        );
    }
    let late = spawn(&h, async { Ok(()) });
    assert!(
        late.into_result()
            .unwrap()
            .unwrap_err()
            .check::<Abandoned>()
            .is_some()
    );
}

#[test]
fn a_task_that_holds_its_own_deferred_does_not_leak() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let drops = Drops::default();
    let own = Rc::new(RefCell::new(None::<Deferred<()>>));
    let (mine, held) = (own.clone(), drops.guard());
    let reactor_again = h.clone();
    let task = spawn(&h, async move {
        let _held = held;
        let own = mine.take().unwrap();
        sleep(&reactor_again, Duration::from_secs(1)).await;
        drop(own);
        Ok(())
    });
    *own.borrow_mut() = Some(task);
    turns(&mut reactor, 1);
    reactor.turn(None).unwrap();
    turns(&mut reactor, 1);
    assert_eq!(drops.count(), 1);

    // It waits for itself, so it is never done; but the reactor owns it.
    let (mine, held) = (own.clone(), drops.guard());
    let task = spawn(&h, async move {
        let _held = held;
        let own = mine.take().unwrap();
        own.await
    });
    *own.borrow_mut() = Some(task);
    turns(&mut reactor, 3);
    assert_eq!(drops.count(), 1);
    drop(reactor);
    assert_eq!(drops.count(), 2);
}

#[test]
fn a_task_that_holds_its_own_waker_does_not_leak() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let drops = Drops::default();
    for ends in [true, false] {
        let held = drops.guard();
        let mut kept = None;
        drop(
            spawn(&h, async move {
                let _held = held;
                poll_fn(|context| {
                    kept = Some(context.waker().clone());
                    if ends { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                Ok(())
            })
            .add_errback(|failure| failure.trap::<Abandoned>().map(drop)),
        );
    }
    turns(&mut reactor, 2);
    assert_eq!(drops.count(), 1);
    drop(reactor);
    assert_eq!(drops.count(), 2);
}

#[test]
fn tasks_may_spawn_and_cancel_while_they_are_polled() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let handle = h.clone();
    let task = spawn(&h, async move {
        let victim = spawn(&handle, pending::<Result<(), Failure>>());
        let children: Vec<_> = (0..100)
            .map(|n| spawn(&handle, async move { Ok(n) }))
            .collect();
        yield_now().await;
        victim.canceller().cancel();
        assert!(victim.await.unwrap_err().check::<Cancelled>().is_some());
        let mut sum = 0;
        for child in children {
            sum += child.await?;
        }
        Ok(sum)
    });
    turns(&mut reactor, 10);
    assert_eq!(task.into_result().unwrap().unwrap(), 4950);
}

#[test]
fn nothing_is_borrowed_while_a_task_is_polled_or_dropped() {
    struct Checks(reactor::Handle, Rc<Cell<u32>>);
    impl Checks {
        fn check(&self) {
            self.0.assert_nothing_borrowed();
            // Any borrow of the executor's own would panic here.
            drop(spawn(&self.0, async { Ok(()) }).add_errback(|_| Ok(())));
            self.1.set(self.1.get() + 1);
        }
    }
    impl Drop for Checks {
        fn drop(&mut self) {
            self.check();
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let seen = Rc::new(Cell::new(0));
    let polled = Checks(h.clone(), seen.clone());
    let done = spawn(&h, async move {
        polled.check();
        Ok(())
    });
    let waits = |checks: Checks| async move {
        let _checks = checks;
        pending::<Result<(), Failure>>().await
    };
    let cancelled = spawn(&h, waits(Checks(h.clone(), seen.clone())));
    let dropped = spawn(&h, waits(Checks(h.clone(), seen.clone())));
    turns(&mut reactor, 2);
    assert_eq!(seen.get(), 2);
    cancelled.canceller().cancel();
    assert_eq!(seen.get(), 3);
    drop(reactor);
    assert_eq!(seen.get(), 4);
    drop((
        done,
        cancelled.add_errback(|_| Ok(())),
        dropped.add_errback(|_| Ok(())),
    ));
}
