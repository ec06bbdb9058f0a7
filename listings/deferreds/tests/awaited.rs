//! A Deferred as a future: value, failure and cancelling cross both ways (Twisted's `asFuture`).
use deferreds::{Abandoned, Awaited, Cancelled, Deferred, Failure, Resolver};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Woken {
    fn times(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn poll<T>(future: &mut Awaited<T>, woken: &Arc<Woken>) -> Poll<Result<T, Failure>> {
    let waker = Waker::from(woken.clone());
    pin!(future).poll(&mut Context::from_waker(&waker))
}

fn value<T>(future: &mut Awaited<T>) -> T {
    match poll(future, &Arc::default()) {
        Poll::Ready(Ok(value)) => value,
        other => panic!("no value: {:?}", other.map_ok(drop)),
    }
}

fn failure<T>(future: &mut Awaited<T>) -> Failure {
    match poll(future, &Arc::default()) {
        Poll::Ready(Err(failure)) => failure,
        other => panic!("no failure: {:?}", other.map_ok(drop)),
    }
}

#[test]
fn a_value_that_is_there_is_ready_at_the_first_poll() {
    let woken = Arc::default();
    let mut future = Deferred::succeed(7).into_future();
    assert!(matches!(poll(&mut future, &woken), Poll::Ready(Ok(7))));
    assert_eq!(woken.times(), 0);
}

#[test]
fn a_value_that_comes_later_wakes_once() {
    let woken = Arc::default();
    let (resolver, d) = Deferred::new();
    let mut future = d.add_callback(|n: u32| Ok(n + 1)).into_future();
    assert!(poll(&mut future, &woken).is_pending());
    assert!(poll(&mut future, &woken).is_pending());
    assert_eq!(woken.times(), 0);
    resolver.callback(1);
    assert_eq!(woken.times(), 1);
    assert_eq!(value(&mut future), 2);
}

#[test]
fn who_polled_last_is_woken() {
    let (first, second) = (Arc::default(), Arc::default());
    let (resolver, d) = Deferred::new();
    let mut future = d.into_future();
    assert!(poll(&mut future, &first).is_pending());
    assert!(poll(&mut future, &second).is_pending());
    resolver.callback(());
    assert_eq!((first.times(), second.times()), (0, 1));
}

#[test]
fn a_failure_comes_out_of_the_await() {
    async fn reads(poem: Deferred<u32>) -> Result<u32, Failure> {
        Ok(poem.await? + 1)
    }
    let (resolver, d) = Deferred::new();
    let mut future = pin!(reads(d));
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    resolver.errback(Failure::new("lost"));
    let Poll::Ready(Err(failure)) = future.as_mut().poll(&mut context) else {
        panic!("it should have failed");
    };
    assert_eq!(failure.to_string(), "lost");
}

#[test]
fn a_result_that_waits_for_a_pause_wakes_when_the_pause_is_over() {
    let woken = Arc::default();
    for fired in [false, true] {
        let before = Woken::times(&woken);
        let (resolver, d) = Deferred::new();
        let pause = d.pauser().pause();
        let mut resolver = Some(resolver);
        if fired && let Some(resolver) = resolver.take() {
            resolver.callback(3);
        }
        let mut future = d.into_future();
        assert!(poll(&mut future, &woken).is_pending());
        if let Some(resolver) = resolver.take() {
            resolver.callback(3);
        }
        assert!(poll(&mut future, &woken).is_pending());
        assert_eq!(woken.times(), before);
        drop(pause);
        assert_eq!(woken.times(), before + 1);
        assert_eq!(value(&mut future), 3);
    }
}

#[test]
fn a_result_that_waits_for_another_deferred_wakes_too() {
    let woken = Arc::default();
    let (resolver, inner) = Deferred::new();
    let (start, outer) = Deferred::new();
    let mut future = outer.add_callback(|()| inner).into_future();
    assert!(poll(&mut future, &woken).is_pending());
    start.callback(());
    assert!(poll(&mut future, &woken).is_pending());
    resolver.callback(5);
    assert_eq!((woken.times(), value(&mut future)), (1, 5));
}

#[test]
fn cancelling_the_deferred_reaches_who_awaits_it() {
    let woken = Arc::default();
    let (_resolver, d) = Deferred::<u32>::new();
    let canceller = d.canceller();
    let mut future = d.into_future();
    assert!(poll(&mut future, &woken).is_pending());
    canceller.cancel();
    assert_eq!(woken.times(), 1);
    assert!(failure(&mut future).check::<Cancelled>().is_some());
}

#[test]
fn a_dropped_resolver_wakes_who_awaits() {
    let woken = Arc::default();
    let (resolver, d) = Deferred::<u32>::new();
    let mut future = d.into_future();
    assert!(poll(&mut future, &woken).is_pending());
    drop(resolver);
    assert_eq!(woken.times(), 1);
    assert!(failure(&mut future).check::<Abandoned>().is_some());
}

#[test]
fn dropping_the_future_cancels_the_deferred() {
    for polled in [false, true] {
        let undone = Rc::new(Cell::new(0));
        let counted = undone.clone();
        let (resolver, d) = Deferred::<u32>::with_canceller(move |instead| {
            counted.set(counted.get() + 1);
            drop(instead);
        });
        let mut future = d.into_future();
        if polled {
            assert!(poll(&mut future, &Arc::default()).is_pending());
        }
        assert_eq!(undone.get(), 0);
        drop(future);
        assert_eq!(undone.get(), 1, "polled: {polled}");
        assert!(resolver.is_cancelled());
    }
}

#[test]
fn dropping_a_future_that_was_ready_cancels_nothing() {
    let undone = Rc::new(Cell::new(false));
    let seen = undone.clone();
    let (resolver, d) = Deferred::with_canceller(move |_| seen.set(true));
    let mut future = d.into_future();
    assert!(poll(&mut future, &Arc::default()).is_pending());
    resolver.callback(1);
    assert_eq!(value(&mut future), 1);
    drop(future);
    assert!(!undone.get());
}

#[test]
fn nothing_is_kept_alive() {
    let alive = Rc::new(());
    for polled in [false, true] {
        let counted = alive.clone();
        let (resolver, d) = Deferred::<Rc<()>>::with_canceller(move |_| drop(counted));
        let mut future = d.into_future();
        let woken = Arc::default();
        if polled {
            assert!(poll(&mut future, &woken).is_pending());
        }
        resolver.callback(alive.clone());
        drop(future);
        assert_eq!(Rc::strong_count(&alive), 1, "polled: {polled}");
        assert_eq!(Arc::strong_count(&woken), 1, "polled: {polled}");
    }
}

#[test]
#[should_panic(expected = "polled again")]
fn polling_again_after_it_was_ready_panics() {
    let mut future = Deferred::succeed(1).into_future();
    value(&mut future);
    value(&mut future);
}

#[test]
fn a_canceller_that_panics_when_it_is_dropped_costs_nobody_the_value() {
    struct Bug;
    impl Drop for Bug {
        fn drop(&mut self) {
            panic!("a bug");
        }
    }
    let bug = Bug;
    let (resolver, deferred) = Deferred::with_canceller(move |_| drop(bug));
    let woken = Arc::default();
    let mut future = deferred.into_future();
    assert!(poll(&mut future, &woken).is_pending());
    catch_unwind(AssertUnwindSafe(|| resolver.callback(1))).unwrap_err();
    assert_eq!(woken.times(), 1);
    assert_eq!(value(&mut future), 1);
}

#[test]
fn a_stage_that_panics_wakes_who_awaits() {
    let bug = |()| -> Result<(), Failure> { panic!("a bug") };
    let (direct, direct_d) = Deferred::new();
    let (inner, inner_d) = Deferred::new();
    let cases = [
        (direct, direct_d.add_callback(bug)),
        // The one that panics is waited for by a stage of the one that is awaited.
        (
            inner,
            Deferred::succeed(()).add_callback(move |()| inner_d.add_callback(bug)),
        ),
    ];
    for (resolver, d) in cases {
        let woken = Arc::default();
        let mut future = d.into_future();
        assert!(poll(&mut future, &woken).is_pending());
        catch_unwind(AssertUnwindSafe(|| resolver.callback(()))).unwrap_err();
        assert_eq!(woken.times(), 1);
        assert!(failure(&mut future).check::<Abandoned>().is_some());
    }
}

thread_local! {
    static WAITS_FOR_THE_WAKER: Cell<Option<Resolver<u32>>> = const { Cell::new(None) };
}

/// Fires that resolver when the last waker is dropped, as an executor may that drops a task with
/// it.
struct FiresInDrop;

impl Wake for FiresInDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for FiresInDrop {
    fn drop(&mut self) {
        if let Some(resolver) = WAITS_FOR_THE_WAKER.take() {
            resolver.callback(7);
        }
    }
}

#[test]
fn the_drop_of_the_waker_before_may_fire_it() {
    let (resolver, d) = Deferred::new();
    WAITS_FOR_THE_WAKER.set(Some(resolver));
    let mut future = d.into_future();
    let waker = Waker::from(Arc::new(FiresInDrop));
    assert!(
        pin!(&mut future)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(waker);
    let woken = Arc::default();
    assert!(poll(&mut future, &woken).is_pending());
    assert_eq!(woken.times(), 1);
    assert_eq!(value(&mut future), 7);
}
