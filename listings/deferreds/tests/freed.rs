//! What is freed, and when: cancellers, timeouts, pauses, and cycles through closures.
use deferreds::{Canceller, Deferred, Resolver};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

/// Counts itself while it lives.
struct Counted(Rc<Cell<i32>>);

impl Counted {
    fn new(alive: &Rc<Cell<i32>>) -> Counted {
        alive.set(alive.get() + 1);
        Counted(alive.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A chain with everything: values, captured things, a canceller, an inner one.
fn full(alive: &Rc<Cell<i32>>) -> (Vec<deferreds::Resolver<Counted>>, Deferred<Counted>) {
    let in_undo = Counted::new(alive);
    let (first, d) = Deferred::with_canceller(move |_| drop(in_undo));
    let (second, inner) = Deferred::<Counted>::new();
    let in_stage = Counted::new(alive);
    let in_errback = Counted::new(alive);
    let d = d
        .add_callback(move |_: Counted| {
            drop(in_stage);
            inner
        })
        .add_callback(Ok)
        .add_errback(move |_| {
            Ok(Counted(in_errback.0.clone())).inspect(|c: &Counted| {
                c.0.set(c.0.get() + 1);
            })
        });
    (vec![first, second], d)
}

#[test]
fn everything_is_freed_whatever_happens_to_it() {
    for way in 0..7 {
        let alive = Rc::new(Cell::new(0));
        let (mut resolvers, d) = full(&alive);
        assert_eq!(alive.get(), 3);
        let second = resolvers.pop().expect("two");
        let first = resolvers.pop().expect("two");
        match way {
            0 => drop((first, second, d)),
            1 => drop((d, second, first)),
            2 => {
                first.callback(Counted::new(&alive));
                second.callback(Counted::new(&alive));
                drop(d);
            }
            3 => {
                second.callback(Counted::new(&alive));
                first.callback(Counted::new(&alive));
                drop(d);
            }
            4 => {
                d.canceller().cancel();
                first.callback(Counted::new(&alive));
                drop((d, second));
            }
            5 => {
                first.callback(Counted::new(&alive));
                d.canceller().cancel();
                drop((d, second));
            }
            _ => {
                let pause = d.pauser().pause();
                first.callback(Counted::new(&alive));
                drop(d);
                drop(pause);
                drop(second);
            }
        }
        assert_eq!(alive.get(), 0, "way {way}");
    }
}

#[test]
fn a_loop_of_waits_keeps_only_its_last_round() {
    // Each round's stage waits for a round that is made only then, as a program that asks again and
    // again does.
    fn round(
        next: Rc<Cell<Option<deferreds::Resolver<()>>>>,
        alive: Rc<Cell<i32>>,
    ) -> Deferred<u32> {
        let (resolver, d) = Deferred::new();
        let counted = Counted::new(&alive);
        next.set(Some(resolver));
        d.add_callback(move |()| {
            let _counted = &counted;
            round(next, alive)
        })
    }
    let (next, alive) = (Rc::new(Cell::new(None)), Rc::new(Cell::new(0)));
    let end = round(next.clone(), alive.clone()).add_callback(|n| Ok(n + 1));
    for _ in 0..1_000 {
        next.take().expect("the next round").callback(());
        assert_eq!(alive.get(), 1);
        assert_eq!(
            Rc::strong_count(&alive),
            3,
            "this one, the stage's and its counter's"
        );
    }
    end.canceller().cancel();
    assert!(end.into_result().is_ok());
    drop(next.take());
    assert_eq!(alive.get(), 0);
}

/// A Deferred with one stage, whose closure counts itself.
fn with_stage(alive: &Rc<Cell<i32>>) -> (Resolver<()>, Deferred<()>) {
    let (resolver, d) = Deferred::new();
    let counted = Counted::new(alive);
    let d = d.add_callback(move |()| {
        let _counted = &counted;
        Ok(())
    });
    (resolver, d)
}

#[test]
fn a_timer_and_what_it_holds_are_freed_with_the_result() {
    let mut reactor = reactor::Reactor::new(reactor::Sim::new(1));
    let alive = Rc::new(Cell::new(0));
    for _ in 0..1_000 {
        let (resolver, d) = with_stage(&alive);
        let counted = Counted::new(&alive);
        let d = d.add_timeout_with(
            &reactor.handle(),
            std::time::Duration::from_secs(60),
            move |result, _| {
                let _counted = &counted;
                result
            },
        );
        assert_eq!(alive.get(), 2);
        resolver.callback(());
        assert_eq!(alive.get(), 0);
        drop(d);
    }
    let error = reactor.turn(None).expect_err("no timer is left");
    assert!(reactor::is_stalled(&error), "{error}");
}

#[test]
fn a_timer_does_not_keep_a_dropped_deferred() {
    let reactor = reactor::Reactor::new(reactor::Sim::new(1));
    let alive = Rc::new(Cell::new(0));
    let (resolver, d) = with_stage(&alive);
    drop(d.add_timeout(&reactor.handle(), std::time::Duration::from_secs(60)));
    assert_eq!(alive.get(), 1);
    drop(resolver);
    assert_eq!(alive.get(), 0);
}

#[test]
fn a_stage_that_owns_the_end_of_its_own_chain_is_freed() {
    // The closure owns the end, and the end owns the closure.
    for fired in [true, false] {
        let alive = Rc::new(Cell::new(0));
        let end = Rc::new(Cell::new(None));
        let (resolver, d) = Deferred::<()>::new();
        let (counted, own) = (Counted::new(&alive), end.clone());
        end.set(Some(d.add_callback(move |()| {
            let _kept = (&counted, &own);
            Ok(())
        })));
        drop(end);
        assert_eq!(alive.get(), 1);
        if fired {
            resolver.callback(());
        } else {
            drop(resolver);
        }
        assert_eq!(alive.get(), 0, "fired: {fired}");
    }
}

#[test]
fn a_stage_that_owns_its_own_resolver_is_freed_by_cancelling() {
    // Only the stage could fire the chain that the stage waits for: the chain cannot see that, but
    // cancelling ends it.
    let alive = Rc::new(Cell::new(0));
    let own = Rc::new(Cell::new(None));
    let (resolver, d) = Deferred::<()>::new();
    let (counted, kept) = (Counted::new(&alive), own.clone());
    let d = d.add_both(move |_| {
        let _kept = (&counted, &kept);
        Ok(())
    });
    own.set(Some(resolver));
    drop(own);
    let canceller = d.canceller();
    drop(d);
    assert_eq!(alive.get(), 1, "a cycle that nothing else breaks");
    canceller.cancel();
    assert_eq!(alive.get(), 0);
}

#[test]
fn a_stage_that_owns_its_own_canceller_is_freed() {
    let alive = Rc::new(Cell::new(0));
    let (resolver, d) = Deferred::<()>::new();
    let (counted, canceller) = (Counted::new(&alive), d.canceller());
    drop(d.add_callback(move |()| {
        let _kept = (&counted, &canceller);
        Ok(())
    }));
    assert_eq!(alive.get(), 1);
    drop(resolver);
    assert_eq!(alive.get(), 0);
}

#[test]
fn a_pause_keeps_its_chain_until_it_is_over() {
    let alive = Rc::new(Cell::new(0));
    let (resolver, d) = with_stage(&alive);
    let pause = d.pauser().pause();
    resolver.callback(());
    drop(d);
    assert_eq!(alive.get(), 1, "the stage has not run");
    drop(pause);
    assert_eq!(alive.get(), 0);
}

#[test]
fn a_pause_that_is_forgotten_or_owned_by_its_own_chain_is_never_over() {
    // It cannot be seen from within: any holder of a pause may end it. So keep it outside, and let
    // go of it.
    for forgotten in [true, false] {
        let alive = Rc::new(Cell::new(0));
        let (resolver, d) = with_stage(&alive);
        let pause = d.pauser().pause();
        if forgotten {
            std::mem::forget(pause);
            drop(d);
        } else {
            drop(d.add_callback(move |()| {
                let _pause = &pause;
                Ok(())
            }));
        }
        resolver.callback(());
        assert_eq!(alive.get(), 1, "forgotten: {forgotten}");
    }
}

/// Lets each of so many rounds wait for the next, as a program does that asks again and again, and
/// keeps the cancellers of the last `held` rounds. Returns the most bytes in use at any time.
fn most_bytes(rounds: u32, held: usize) -> u64 {
    type Kept = Rc<(Cell<Option<Resolver<()>>>, RefCell<VecDeque<Canceller>>)>;
    fn round(kept: Kept, held: usize) -> Deferred<()> {
        let (resolver, d) = Deferred::new();
        kept.0.set(Some(resolver));
        let mut cancellers = kept.1.borrow_mut();
        cancellers.push_back(d.canceller());
        if cancellers.len() > held {
            cancellers.pop_front();
        }
        drop(cancellers);
        d.add_callback(move |()| round(kept, held))
    }
    let run = || {
        let kept = Kept::default();
        let end = round(kept.clone(), held);
        for _ in 0..rounds {
            kept.0.take().expect("the next round").callback(());
        }
        end.canceller().cancel();
        assert!(end.into_result().is_ok());
        kept.0.take();
    };
    run(); // The first time, the loop makes a small queue that it keeps.
    let measured = allocation_counter::measure(run);
    assert_eq!(measured.bytes_current, 0, "all is freed in the end");
    measured.bytes_max
}

#[test]
fn cancellers_that_are_let_go_leave_no_memory_behind() {
    // With three and more at a time, links that are in use hide those that no longer are until the
    // line ends.
    for held in 0..=2 {
        assert_eq!(most_bytes(100, held), most_bytes(10_000, held), "{held}");
    }
}

#[test]
fn a_crowd_of_drops_leaves_no_memory_behind() {
    // All are dropped inside a stage, so each has to wait until that is over.
    let one = || {
        let (resolver, d) = Deferred::<()>::new();
        (resolver, d.add_errback(|_| Ok(()))) // or each would be reported
    };
    let run = || {
        let crowd: Vec<_> = (0..10_000).map(|_| one()).collect();
        let d = Deferred::succeed(()).add_callback(move |()| {
            drop(crowd);
            Ok(())
        });
        assert!(d.into_result().is_ok());
    };
    run();
    let measured = allocation_counter::measure(run);
    assert_eq!(measured.bytes_current, 0);
    let measured = allocation_counter::measure(|| drop(one()));
    assert!(
        measured.bytes_max < 1_000,
        "one costs {}",
        measured.bytes_max
    );
}
