//! The listing `together`: all its members are cancelled however it ends, also when it has
//! not been polled yet.
use coroutines::block_on;
use deferreds::{Deferred, Failure, Resolver};
use reactor::{Reactor, Sim};
use std::{cell::Cell, future::poll_fn, pin::pin, rc::Rc, task::Poll};

#[path = "../examples/together.rs"]
#[allow(dead_code, reason = "its main is the listing's")]
mod listing;

/// The members, their resolvers, and how often a canceller was called.
type Members = (Vec<Deferred<u32>>, Vec<Resolver<u32>>, Rc<Cell<u32>>);

/// Three members that count how often one is cancelled, and what fires them.
fn members() -> Members {
    let cancelled = Rc::new(Cell::new(0));
    let member = |_| {
        let cancelled = cancelled.clone();
        let (resolver, deferred) = Deferred::with_canceller(move |_| {
            cancelled.set(cancelled.get() + 1);
        });
        (deferred, resolver)
    };
    let (members, resolvers) = (0..3).map(member).unzip();
    (members, resolvers, cancelled)
}

#[test]
fn dropped_before_its_first_poll_it_cancels_them_all() {
    let (members, resolvers, cancelled) = members();
    drop(listing::together(members));
    assert_eq!(
        cancelled.get(),
        3,
        "a future that nobody polled left its members at work"
    );
    drop(resolvers);
}

#[test]
fn dropped_after_a_poll_it_cancels_them_all() {
    let (members, resolvers, cancelled) = members();
    let mut reactor = Reactor::new(Sim::new(1));
    let together = listing::together(members);
    block_on(&mut reactor, async move {
        let mut together = pin!(together);
        poll_fn(|context| {
            assert!(together.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        Ok(())
    })
    .unwrap();
    assert_eq!(cancelled.get(), 3);
    drop(resolvers);
}

#[test]
fn the_first_failure_cancels_the_others_and_is_the_outcome() {
    let (members, mut resolvers, cancelled) = members();
    let mut reactor = Reactor::new(Sim::new(1));
    let together = listing::together(members);
    let failing = resolvers.remove(1);
    reactor
        .handle()
        .call_soon(move |_| failing.errback(Failure::new("the poem is lost")));
    let outcome = block_on(&mut reactor, async move {
        let ended = together.await;
        Ok(ended.map(|_| ()).unwrap_err().to_string())
    });
    assert_eq!(outcome.unwrap(), "the poem is lost");
    assert_eq!(cancelled.get(), 2, "the two that had not failed");
    drop(resolvers);
}
