//! Between Deferred and Future: value, failure and cancellation, in both directions.
use coroutines::{block_on, sleep, spawn};
use deferreds::{Cancelled, Deferred, Failure, Resolver};
use reactor::{Reactor, Sim};
use std::{cell::Cell, future::pending, io, rc::Rc, time::Duration};

fn turns(reactor: &mut Reactor, count: u32) {
    for _ in 0..count {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
}

#[test]
fn a_value_of_a_deferred_comes_to_who_awaits_it() {
    let mut reactor = Reactor::new(Sim::new(1));
    let (resolver, poem) = Deferred::<&str>::new();
    let mut resolver = Some(resolver);
    reactor
        .handle()
        .call_later(Duration::from_secs(1), move |_| {
            if let Some(resolver) = resolver.take() {
                resolver.callback("Trees");
            }
        });
    let length = block_on(&mut reactor, async { Ok(poem.await?.len()) });
    assert_eq!(length.unwrap(), 5);
}

#[test]
fn a_failure_of_a_deferred_is_an_err_for_who_awaits_it() {
    let mut reactor = Reactor::new(Sim::new(1));
    let (resolver, poem) = Deferred::<&str>::new();
    reactor.handle().call_later(Duration::from_secs(1), |_| {
        resolver.errback(io::Error::from(io::ErrorKind::ConnectionRefused));
    });
    let result = block_on(&mut reactor, async {
        match poem.await {
            Err(failure) => Ok(failure.trap::<io::Error>()?.kind()),
            Ok(_) => Err(Failure::new("it should have failed")),
        }
    });
    assert_eq!(result.unwrap(), io::ErrorKind::ConnectionRefused);
}

/// A Deferred whose canceller counts, and its other end.
fn cancellable(cancels: &Rc<Cell<u32>>) -> (Resolver<()>, Deferred<()>) {
    let cancels = cancels.clone();
    Deferred::with_canceller(move |_| cancels.set(cancels.get() + 1))
}

#[test]
fn cancelling_a_task_cancels_the_deferred_that_it_awaits() {
    let mut reactor = Reactor::new(Sim::new(1));
    let cancels = Rc::new(Cell::new(0));
    let (_resolver, slow) = cancellable(&cancels);
    let task = spawn(&reactor.handle(), async { slow.await });
    turns(&mut reactor, 2);
    assert_eq!(cancels.get(), 0);
    task.canceller().cancel();
    assert_eq!(cancels.get(), 1);
    assert!(
        task.into_result()
            .unwrap()
            .unwrap_err()
            .check::<Cancelled>()
            .is_some()
    );
}

#[test]
fn a_value_of_a_task_comes_to_the_callbacks_of_its_deferred() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let handle = h.clone();
    let task = spawn(&h, async move {
        sleep(&handle, Duration::from_secs(1)).await;
        Ok("Trees")
    })
    .add_callback(|poem| Ok(poem.len()));
    let length = block_on(&mut reactor, async { task.await });
    assert_eq!(length.unwrap(), 5);
}

#[test]
fn a_failure_of_a_task_comes_to_the_errbacks_of_its_deferred() {
    let mut reactor = Reactor::new(Sim::new(1));
    let line = line!() + 2;
    let task = spawn(&reactor.handle(), async {
        let number: u32 = "twelve".parse()?;
        Ok(number)
    })
    .add_errback(move |failure| {
        assert_eq!(failure.location().line(), line);
        failure.trap::<std::num::ParseIntError>()?;
        Ok(0)
    });
    turns(&mut reactor, 1);
    assert_eq!(task.into_result().unwrap().unwrap(), 0);
}

#[test]
fn cancelling_a_deferred_that_waits_for_a_task_drops_its_future() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let held = Rc::new(());
    let inside = held.clone();
    let outer = Deferred::succeed(()).add_callback(move |()| {
        spawn(&h, async move {
            let _inside = inside;
            pending::<Result<(), Failure>>().await
        })
    });
    turns(&mut reactor, 2);
    assert_eq!(Rc::strong_count(&held), 2);
    outer.canceller().cancel();
    assert_eq!(Rc::strong_count(&held), 1);
    assert!(
        outer
            .into_result()
            .unwrap()
            .unwrap_err()
            .check::<Cancelled>()
            .is_some()
    );
}

#[test]
fn a_cancel_by_somebody_else_can_be_caught_in_the_coroutine() {
    let mut reactor = Reactor::new(Sim::new(1));
    let (_resolver, slow) = Deferred::<&str>::new();
    let canceller = slow.canceller();
    let task = spawn(&reactor.handle(), async {
        let poem = match slow.await {
            Ok(poem) => poem,
            Err(failure) => {
                failure.trap::<Cancelled>()?;
                "a haiku instead"
            }
        };
        Ok(poem.len())
    });
    turns(&mut reactor, 2);
    canceller.cancel();
    turns(&mut reactor, 2);
    assert_eq!(task.into_result().unwrap().unwrap(), 15);
}

#[test]
fn cancelling_a_task_cannot_be_caught_in_it_because_its_future_is_gone() {
    let mut reactor = Reactor::new(Sim::new(1));
    let (_resolver, slow) = Deferred::<()>::new();
    let went_on = Rc::new(Cell::new(false));
    let set = went_on.clone();
    let task = spawn(&reactor.handle(), async move {
        let _ = slow.await;
        set.set(true);
        Ok(())
    });
    turns(&mut reactor, 2);
    task.canceller().cancel();
    turns(&mut reactor, 2);
    assert!(!went_on.get());
    drop(task.add_errback(|_| Ok(())));
}

#[test]
fn a_hundred_thousand_ready_awaits_need_no_deep_stack_and_no_turn() {
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    let sum = small.spawn(|| {
        let mut reactor = Reactor::new(Sim::new(1));
        let task = spawn(&reactor.handle(), async {
            let mut sum = 0_u64;
            for n in 0..100_000 {
                sum += Deferred::succeed(n).await?;
            }
            Ok(sum)
        });
        turns(&mut reactor, 1);
        task.into_result().unwrap().unwrap()
    });
    assert_eq!(sum.unwrap().join().unwrap(), 4_999_950_000);
}

#[test]
fn a_chain_of_a_hundred_thousand_tasks_needs_no_deep_stack() {
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    let sum = small.spawn(|| {
        let mut reactor = Reactor::new(Sim::new(1));
        let h = reactor.handle();
        let (resolver, first) = Deferred::<u64>::new();
        let mut last = first;
        for _ in 0..100_000 {
            let before = last;
            last = spawn(&h, async { Ok(before.await? + 1) });
        }
        resolver.callback(0);
        block_on(&mut reactor, async { last.await }).unwrap()
    });
    assert_eq!(sum.unwrap().join().unwrap(), 100_000);
}
