//! Long chains: a million links in a stack of 64 KiB, fired and dropped.
use deferreds::{Deferred, Resolver};
use std::thread;

const LINKS: u32 = 1_000_000;

/// Runs `f` in a thread with a small stack: a recursion over the links would end the process.
fn small_stack(f: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(64 * 1024).spawn(f);
    let end = thread.expect("a thread").join();
    assert!(end.is_ok(), "it panicked");
}

fn value<T>(deferred: Deferred<T>) -> T {
    match deferred.into_result() {
        Ok(Ok(value)) => value,
        Ok(Err(failure)) => panic!("failed: {failure:?}"),
        Err(waits) => panic!("no result yet: {waits:?}"),
    }
}

#[test]
fn stages_of_one_chain() {
    small_stack(|| {
        let (resolver, mut d) = Deferred::new();
        for _ in 0..LINKS {
            d = d.add_callback(|n: u32| Ok(n + 1));
        }
        resolver.callback(0);
        assert_eq!(value(d), LINKS);
    });
}

#[test]
fn returned_deferreds_that_have_fired() {
    small_stack(|| {
        let (resolver, mut d) = Deferred::new();
        for _ in 0..LINKS {
            d = d.add_callback(|n: u32| Deferred::succeed(n + 1));
        }
        resolver.callback(0);
        assert_eq!(value(d), LINKS);
    });
}

/// Each waits for the one before it, and the first one for `resolver`.
fn implicit(held: bool) -> (Resolver<u32>, Deferred<u32>, Vec<deferreds::Canceller>) {
    let (resolver, mut d) = Deferred::new();
    let mut cancellers = Vec::new();
    for _ in 0..LINKS {
        if held {
            cancellers.push(d.canceller());
        }
        d = Deferred::succeed(())
            .add_callback(|()| d)
            .add_callback(|n| Ok(n + 1));
    }
    (resolver, d, cancellers)
}

#[test]
fn implicit_chaining() {
    for held in [false, true] {
        small_stack(move || {
            let (resolver, d, _held) = implicit(held);
            resolver.callback(0);
            assert_eq!(value(d), LINKS);
        });
    }
}

#[test]
fn a_wait_that_moves_inwards_with_each_firing() {
    small_stack(|| {
        let mut resolvers: Vec<Resolver<()>> = Vec::new();
        let (last, mut d) = Deferred::<u32>::new();
        for _ in 0..LINKS {
            let (resolver, step) = Deferred::new();
            resolvers.push(resolver);
            d = step.add_callback(|()| d);
        }
        // The outermost was made last, and fires first.
        for resolver in resolvers.into_iter().rev() {
            resolver.callback(());
        }
        last.callback(5);
        assert_eq!(value(d), 5);
    });
}

#[test]
fn explicit_chaining() {
    small_stack(|| {
        let (resolver, mut d) = Deferred::new();
        for _ in 0..LINKS {
            let (next, end) = Deferred::new();
            d.add_callback(|n: u32| Ok(n + 1)).chain_deferred(next);
            d = end;
        }
        resolver.callback(0);
        assert_eq!(value(d), LINKS);
    });
}

#[test]
fn resolvers_that_stages_fire() {
    small_stack(|| {
        let (mut resolver, end) = Deferred::<u32>::new();
        for _ in 0..LINKS {
            let (before, d) = Deferred::new();
            drop(d.add_callback(move |n: u32| {
                resolver.callback(n + 1);
                Ok(())
            }));
            resolver = before;
        }
        resolver.callback(0);
        assert_eq!(value(end), LINKS);
    });
}

#[test]
fn explicit_chaining_dropped_unfired() {
    for resolver_first in [true, false] {
        small_stack(move || {
            let (resolver, mut d) = Deferred::<u32>::new();
            for _ in 0..LINKS {
                let (next, end) = Deferred::new();
                d.chain_deferred(next);
                d = end;
            }
            let d = d.add_errback(|_| Ok(0));
            if resolver_first {
                drop(resolver);
                drop(d);
            } else {
                drop(d);
                drop(resolver);
            }
        });
    }
}

#[test]
fn stages_and_returned_deferreds_dropped_unfired() {
    for resolver_first in [true, false] {
        small_stack(move || {
            let (resolver, mut d) = Deferred::new();
            for _ in 0..LINKS {
                d = d.add_callback(|n: u32| Deferred::succeed(n + 1));
            }
            let d = d.add_errback(|_| Ok(0));
            if resolver_first {
                drop(resolver);
                drop(d);
            } else {
                drop(d);
                drop(resolver);
            }
        });
    }
}

#[test]
fn cancelling_reaches_the_far_end() {
    small_stack(|| {
        let (_resolver, d, _) = implicit(true);
        d.canceller().cancel();
        assert!(d.into_result().is_ok_and(|result| result.is_err()));
    });
}

#[test]
fn dropped_unfired() {
    small_stack(|| {
        // The resolver goes first, then the end; and the other way round.
        for resolver_first in [true, false] {
            let (resolver, d, _) = implicit(false);
            let d = d.add_errback(|_| Ok(0));
            if resolver_first {
                drop(resolver);
                drop(d);
            } else {
                drop(d);
                drop(resolver);
            }
        }
        // Each closure owns the next resolver.
        let (mut resolver, d) = Deferred::<u32>::new();
        for _ in 0..LINKS {
            let (first, before) = Deferred::<u32>::new();
            let end = before.add_callback(move |n| {
                resolver.callback(n);
                Ok(())
            });
            drop(end.add_errback(|_| Ok(())));
            resolver = first;
        }
        drop(d.add_errback(|_| Ok(0)));
    });
}

#[test]
fn dropped_with_closures_that_own_the_next() {
    small_stack(|| {
        let (resolver, mut d) = Deferred::<u32>::new();
        let mut resolvers: Vec<Resolver<()>> = Vec::new();
        for _ in 0..LINKS {
            let (resolver, step) = Deferred::new();
            resolvers.push(resolver);
            d = step.add_callback(|()| d);
        }
        // Nothing fires: the last one's closure owns the one before, and so on.
        drop(d.add_errback(|_| Ok(0)));
        while let Some(resolver) = resolvers.pop() {
            drop(resolver);
        }
        drop(resolver);
    });
}

#[test]
fn cancellers_that_own_the_next_resolver() {
    fn links() -> (Resolver<u32>, Vec<Deferred<u32>>) {
        let (mut resolver, first) = Deferred::new();
        let mut all = vec![first];
        for _ in 0..LINKS {
            let (outer, d) = Deferred::with_canceller(|_| drop(resolver));
            resolver = outer;
            all.push(d);
        }
        (resolver, all)
    }
    small_stack(|| {
        let (resolver, all) = links();
        resolver.callback(1);
        let abandoned = |d: Deferred<u32>| d.into_result().is_ok_and(|result| result.is_err());
        let count = all.into_iter().map(abandoned).filter(|is| *is).count();
        assert_eq!(count, LINKS as usize);
    });
    small_stack(|| {
        let (resolver, all) = links();
        let handled = |d: Deferred<u32>| drop(d.add_errback(|_| Ok(0)));
        all.into_iter().for_each(handled);
        drop(resolver);
    });
}

#[test]
fn a_panic_drops_the_rest_of_a_long_chain() {
    small_stack(|| {
        let (resolver, d) = Deferred::<u32>::new();
        let mut d = d.add_callback(|_| -> Result<u32, deferreds::Failure> { panic!("a bug") });
        for _ in 0..LINKS {
            d = d.add_callback(|n: u32| Ok(n + 1));
        }
        drop(d);
        let call = std::panic::AssertUnwindSafe(|| resolver.callback(0));
        assert!(std::panic::catch_unwind(call).is_err());
    });
}
