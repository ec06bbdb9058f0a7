//! What is freed, and when: cancellers, timeouts, pauses, and cycles through closures.
use deferreds::{Deferred, Resolver};
use std::{cell::Cell, rc::Rc};

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
    // Each round's stage waits for a round that is made only then, as a program that asks again and again does.
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
