//! Panics in tasks on the way down: a second one never ends the process, and the other tasks go on.
use coroutines::{block_on, join, join_all, select, sleep, spawn, timeout};
use deferreds::{Abandoned, Deferred, Failure};
use reactor::{Handle, Reactor, Sim};
use std::{
    cell::Cell,
    future::{pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Wake},
    time::Duration,
};

/// Panics when it is dropped.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(self.0);
    }
}

fn sim() -> (Reactor, Handle) {
    let reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    (reactor, handle)
}

fn a_turn(reactor: &mut Reactor) -> Result<usize, Box<dyn std::any::Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| {
        reactor.turn(Some(Duration::ZERO)).unwrap()
    }))
}

/// Panics while it holds `held`, and catches that.
fn unwind_with<T>(held: T) {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _held = held;
        panic_any("the first");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"the first"));
}

/// A task that counts how often it was polled.
fn counts(h: &Handle) -> Rc<Cell<u32>> {
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    drop(spawn(h, async move {
        counted.set(counted.get() + 1);
        Ok(())
    }));
    polls
}

#[test]
fn a_task_that_panics_and_a_stage_that_panics_of_that() {
    let (mut reactor, h) = sim();
    drop(
        spawn(&h, async { panic_any("in the task") }).add_both(|result: Result<(), Failure>| {
            result.unwrap();
            Ok(())
        }),
    );
    let other = counts(&h);
    let panic = a_turn(&mut reactor).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"in the task"));
    a_turn(&mut reactor).unwrap();
    assert_eq!(other.get(), 1);
}

#[test]
fn a_task_that_panics_and_owns_what_panics_when_it_is_dropped() {
    let (mut reactor, h) = sim();
    let task = spawn(&h, async {
        let _bomb = Bomb("in the future");
        pending::<()>().await;
        Ok(())
    });
    struct Panics {
        _bomb: Bomb,
    }
    impl Future for Panics {
        type Output = Result<(), Failure>;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            panic_any("in the task");
        }
    }
    let panics = spawn(
        &h,
        Panics {
            _bomb: Bomb("in what it owns"),
        },
    );
    let panic = a_turn(&mut reactor).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"in the task"));
    assert!(
        panics
            .into_result()
            .unwrap()
            .unwrap_err()
            .check::<Abandoned>()
            .is_some()
    );
    // Cancelled while a panic unwinds: its future is dropped, and that panics.
    struct Cancels(deferreds::Canceller);
    impl Drop for Cancels {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }
    unwind_with(Cancels(task.canceller()));
    assert!(task.into_result().unwrap().is_err());
}

#[test]
fn every_task_is_dropped_with_the_reactor_although_some_panic() {
    let dropped = Rc::new(Cell::new(0));
    struct Counts(Rc<Cell<u32>>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    for unwinding in [false, true] {
        dropped.set(0);
        let (mut reactor, h) = sim();
        for n in 0..4 {
            let counts = Counts(dropped.clone());
            let bomb = (n % 2 == 0).then(|| Bomb("with the reactor"));
            drop(spawn(&h, async move {
                let (_bomb, _counts) = (bomb, counts);
                pending::<()>().await;
                Ok(())
            }));
        }
        a_turn(&mut reactor).unwrap();
        if unwinding {
            unwind_with(reactor);
        } else {
            let panic = catch_unwind(AssertUnwindSafe(|| drop(reactor))).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"with the reactor"));
        }
        assert_eq!(dropped.get(), 4, "unwinding: {unwinding}");
    }
}

#[test]
fn a_reactor_that_is_dropped_while_block_on_panics() {
    let (mut reactor, h) = sim();
    for _ in 0..2 {
        let bomb = Bomb("in the task");
        drop(spawn(&h, async move {
            let _bomb = bomb;
            pending::<()>().await;
            Ok(())
        }));
    }
    let panic = catch_unwind(AssertUnwindSafe(move || {
        drop(block_on(&mut reactor, async {
            sleep(&h, Duration::from_secs(1)).await;
            panic_any("in the guest");
            #[allow(unreachable_code)]
            Ok(())
        }));
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"in the guest"));
}

#[test]
fn a_waker_of_somebody_else_that_panics_while_a_panic_unwinds() {
    struct Loud;
    impl Wake for Loud {
        fn wake(self: Arc<Self>) {
            panic_any("in the waker");
        }
    }
    impl Drop for Loud {
        fn drop(&mut self) {
            panic_any("in the drop of the waker");
        }
    }
    // A Deferred and a task, both awaited by a foreign executor.
    let (resolver, d) = Deferred::<u32>::new();
    let mut awaited = d.into_future();
    let waker = Arc::new(Loud).into();
    assert!(
        pin!(&mut awaited)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    std::mem::forget(waker); // Its last clone is the one that is kept.
    unwind_with(resolver);

    let (mut reactor, h) = sim();
    let waker = Arc::new(Loud).into();
    let mut slept = sleep(&h, Duration::from_secs(1));
    assert!(
        pin!(&mut slept)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(catch_unwind(AssertUnwindSafe(|| drop(waker))));
    unwind_with(slept);
    a_turn(&mut reactor).unwrap();
}

#[test]
fn a_task_that_is_polled_again_by_its_own_panic_is_gone() {
    let (mut reactor, h) = sim();
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    drop(spawn(&h, async move {
        poll_fn(|context| -> Poll<()> {
            counted.set(counted.get() + 1);
            context.waker().wake_by_ref();
            panic_any("woken by itself");
        })
        .await;
        Ok(())
    }));
    assert!(a_turn(&mut reactor).is_err());
    a_turn(&mut reactor).unwrap();
    assert_eq!(polls.get(), 1);
}

/// Never ready; holds what panics when it is dropped.
async fn armed() -> Result<(), Failure> {
    let _bomb = Bomb("a member");
    pending().await
}

/// Ready at once with what panics when it is dropped, and so does the future.
struct Ready {
    output: Option<Bomb>,
    _bomb: Bomb,
}

impl Ready {
    fn new() -> Ready {
        Ready {
            output: Some(Bomb("an output")),
            _bomb: Bomb("its future"),
        }
    }
}

impl Future for Ready {
    type Output = Bomb;
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Bomb> {
        Poll::Ready(self.output.take().expect("polled once"))
    }
}

#[test]
fn two_members_that_panic_when_they_are_dropped_are_both_dropped() {
    type Future = Pin<Box<dyn std::future::Future<Output = ()>>>;
    let combined: [fn(&Handle) -> Future; 6] = [
        |_| Box::pin(async { drop(join(armed(), armed()).await) }),
        |_| Box::pin(async { drop(join_all([armed(), armed(), armed()]).await) }),
        |_| Box::pin(async { drop(select(armed(), armed()).await) }),
        |h| {
            let late = timeout(h, Duration::from_secs(1), join(armed(), armed()));
            Box::pin(async { drop(late.await) })
        },
        // One is ready and waits for the other.
        |_| Box::pin(async { drop(join(Ready::new(), armed()).await) }),
        |_| Box::pin(async { drop(join(armed(), Ready::new()).await) }),
    ];
    for make in combined {
        let poll = |mut future: Future| {
            let polled = future
                .as_mut()
                .poll(&mut Context::from_waker(std::task::Waker::noop()));
            assert!(polled.is_pending());
            future
        };
        let (mut reactor, h) = sim();
        let future = poll(make(&h));
        catch_unwind(AssertUnwindSafe(|| drop(future))).unwrap_err();
        unwind_with(poll(make(&h)));
        // As a task: cancelled, and dropped with the reactor.
        let make_task = |h: &Handle| {
            let future = make(h);
            spawn(h, async move {
                future.await;
                Ok(())
            })
        };
        let (cancelled, _left) = (make_task(&h), make_task(&h));
        a_turn(&mut reactor).unwrap();
        let cancels = catch_unwind(AssertUnwindSafe(|| cancelled.canceller().cancel()));
        cancels.unwrap_err();
        assert!(
            cancelled.into_result().unwrap().is_err(),
            "it is told all the same"
        );
        catch_unwind(AssertUnwindSafe(|| drop(reactor))).unwrap_err();
    }
}

#[test]
fn a_result_is_told_although_its_future_panics_when_it_is_dropped() {
    let (mut reactor, h) = sim();
    struct Drops(#[expect(dead_code, reason = "it is dropped")] Bomb);
    impl Future for Drops {
        type Output = Result<u32, Failure>;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            Poll::Ready(Ok(7))
        }
    }
    let answer = spawn(&h, Drops(Bomb("the future")));
    let panic = a_turn(&mut reactor).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the future"));
    assert_eq!(answer.into_result().unwrap().unwrap(), 7);
    // A stage that is told of it panics, too: the first panic is the one that goes on.
    let staged = spawn(&h, Drops(Bomb("the future")));
    drop(staged.add_callback(|_| -> Result<(), Failure> { panic_any("the stage") }));
    let panic = a_turn(&mut reactor).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the future"));
    // The result is not wanted, and it, too, panics when it is dropped.
    drop(spawn(&h, async { Ok(Ready::new().await) }));
    let other = counts(&h);
    a_turn(&mut reactor).unwrap_err();
    a_turn(&mut reactor).unwrap();
    assert_eq!(other.get(), 1);
}
