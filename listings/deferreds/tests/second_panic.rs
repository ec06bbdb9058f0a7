//! Panics on the way down: a second one never ends the process, and every waiter is told.
mod help;

use deferreds::{
    Abandoned, Cancelled, Deferred, DeferredList, Failure, FirstError, Lock, Queue, Resolver,
    deferred_list, gather_results, race,
};
use help::{failure, is, sim, value, waits};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    pin::pin,
    rc::Rc,
    task::{Context, Waker},
    time::Duration,
};

/// Panics when it is dropped.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any("a bomb");
    }
}

/// An error that cannot be shown.
#[derive(Debug)]
struct Unspeakable;

impl std::fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic_any("unspeakable");
    }
}

impl std::error::Error for Unspeakable {}

/// Panics while it holds `held`, and catches that. What is in `held` is dropped while the panic
/// unwinds.
fn unwind_with<T>(held: T) {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _held = held;
        panic_any("the first");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"the first"));
}

fn panics(f: impl FnOnce()) {
    assert!(
        catch_unwind(AssertUnwindSafe(f)).is_err(),
        "nothing panicked"
    );
}

#[test]
fn a_stage_that_panics_while_its_resolver_is_dropped_by_a_panic() {
    let (resolver, d) = Deferred::<u32>::new();
    drop(d.add_both(|result| {
        result.unwrap();
        Ok(())
    }));
    unwind_with(resolver);

    // The same in a turn of the reactor, whose next turn goes on.
    let (mut reactor, h) = sim();
    let (resolver, d) = Deferred::<u32>::new();
    drop(d.add_both(|result| {
        result.unwrap();
        Ok(())
    }));
    h.call_soon(move |_| {
        let _resolver = resolver;
        panic_any("in a call");
    });
    let after = Rc::new(Cell::new(false));
    let seen = after.clone();
    h.call_soon(move |_| seen.set(true));
    panics(|| drop(reactor.turn(Some(Duration::ZERO))));
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert!(after.get());
}

#[test]
fn a_pause_that_ends_while_a_panic_unwinds() {
    let (resolver, d) = Deferred::<u32>::new();
    let pause = d.pauser().pause();
    drop(d.add_callback(|_| -> Result<(), Failure> { panic!("after the pause") }));
    resolver.callback(1);
    unwind_with(pause);
}

#[test]
fn everything_else_whose_drop_calls_stages_or_cancellers() {
    fn bug<T>(_: T) -> Result<(), Failure> {
        panic!("in a stage")
    }
    // A lock that is let go, and the last clone of a queue.
    let lock = Lock::new();
    let held = value(lock.acquire());
    drop(lock.acquire().add_callback(bug));
    unwind_with(held);
    let queue = Queue::<u32>::new();
    drop(
        queue
            .get()
            .add_both(|result| result.map(|_| ()).or_else(bug)),
    );
    unwind_with(queue);
    // A future that is dropped cancels what it awaits, polled or not.
    for polled in [false, true] {
        let (_resolver, d) = Deferred::<u32>::with_canceller(|_| panic!("in a canceller"));
        let mut future = d.into_future();
        if polled {
            let _ = pin!(&mut future).poll(&mut Context::from_waker(Waker::noop()));
        }
        unwind_with(future);
    }
    // A resolver whose chain fires the next one, which panics, too.
    let (first, d) = Deferred::<u32>::new();
    let (second, next) = Deferred::<u32>::new();
    drop(d.add_both(move |_| -> Result<(), Failure> {
        second.callback(1);
        panic!("in the outer")
    }));
    drop(next.add_callback(|_| -> Result<(), Failure> { panic!("in the inner") }));
    unwind_with(first);
}

#[test]
fn values_closures_and_errors_of_others_that_panic_when_they_are_dropped_or_shown() {
    unwind_with(Deferred::succeed(Bomb));
    let bomb = Bomb;
    let (resolver, d) = Deferred::<u32>::with_canceller(move |_| drop(bomb));
    unwind_with((d, resolver));
    let bomb = Bomb;
    let (resolver, d) = Deferred::<u32>::new();
    let drops = move |_| {
        drop(bomb);
        Ok(())
    };
    unwind_with((d.add_callback(drops), resolver));
    unwind_with(Deferred::<u32>::fail(Unspeakable));
    struct Fires(Option<Resolver<u32>>);
    impl Drop for Fires {
        fn drop(&mut self) {
            self.0.take().expect("dropped once").errback(Unspeakable);
        }
    }
    let (resolver, d) = Deferred::<u32>::new();
    drop(d);
    unwind_with(Fires(Some(resolver)));
    let (resolver, d) = Deferred::<Bomb>::new();
    let future = d.into_future();
    resolver.callback(Bomb);
    unwind_with(future);
}

#[test]
fn a_value_that_nobody_wants_and_that_panics_when_it_is_dropped() {
    struct Fires(Option<Resolver<Bomb>>);
    impl Drop for Fires {
        fn drop(&mut self) {
            self.0.take().expect("dropped once").callback(Bomb);
        }
    }
    let (resolver, d) = Deferred::new();
    drop(d);
    unwind_with(Fires(Some(resolver)));
    let (resolver, d) = Deferred::new();
    d.canceller().cancel();
    unwind_with(Fires(Some(resolver)));
    assert!(is::<Cancelled, _>(d));
}

#[test]
fn a_canceller_that_panics_when_it_is_dropped_costs_nobody_the_value() {
    // The stage runs while that panic unwinds; and after the stage of another chain, inside that.
    for inside in [false, true] {
        let bomb = Bomb;
        let (resolver, d) = Deferred::with_canceller(move |_| drop(bomb));
        let d = waits(d.add_callback(|n: u32| Ok(n + 1)));
        panics(|| match inside {
            false => resolver.callback(1),
            true => drop(Deferred::succeed(()).add_callback(move |()| {
                resolver.callback(1);
                Ok(())
            })),
        });
        assert_eq!(value(d), 2);
    }
}

#[test]
fn two_failures_of_a_race_that_panic_when_they_are_dropped() {
    #[derive(Debug)]
    struct Lost(Bomb);
    impl std::fmt::Display for Lost {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("lost")
        }
    }
    impl std::error::Error for Lost {}
    let lost = || Deferred::<u32>::fail(Lost(Bomb));
    for list in [race, |members| {
        DeferredList::new(members).fire_on_one_callback()
    }] {
        let (winner, d) = Deferred::new();
        let first = waits(list(vec![lost(), lost(), d]));
        panics(|| winner.callback(7));
        assert_eq!(value(first), (2, 7));
    }
}

#[test]
fn many_that_panic_on_the_way_down_and_all_had_their_turn() {
    let ran = Rc::new(Cell::new(0));
    let resolvers: Vec<_> = (0..100)
        .map(|_| {
            let (resolver, d) = Deferred::<u32>::new();
            let ran = ran.clone();
            drop(d.add_both(move |_| -> Result<(), Failure> {
                ran.set(ran.get() + 1);
                panic!("each of them")
            }));
            resolver
        })
        .collect();
    unwind_with(resolvers);
    assert_eq!(ran.get(), 100);
    // And afterwards everything works as before.
    assert_eq!(value(Deferred::succeed(1).add_callback(|n| Ok(n + 1))), 2);
}

#[test]
fn what_a_stage_that_panics_has_put_off_happens_although_that_panics_too() {
    let ran = Rc::new(Cell::new(0));
    let put_off: Vec<_> = (0..3)
        .map(|_| {
            let (resolver, d) = Deferred::<u32>::new();
            let ran = ran.clone();
            drop(d.add_both(move |_| -> Result<(), Failure> {
                ran.set(ran.get() + 1);
                panic!("put off")
            }));
            resolver
        })
        .collect();
    let (start, d) = Deferred::<()>::new();
    drop(d.add_callback(move |()| -> Result<(), Failure> {
        drop(put_off);
        panic!("the first")
    }));
    panics(|| start.callback(()));
    assert_eq!(ran.get(), 3);
}

#[test]
fn a_stage_that_panics_answers_for_the_member_of_a_list() {
    type List = fn(Vec<Deferred<()>>) -> Deferred<bool>;
    let lists: [List; 3] = [
        |members| gather_results(members).add_both(|result| Ok(first_is_abandoned(result))),
        |members| {
            deferred_list(members).add_callback(|results| {
                Ok(results[0]
                    .as_ref()
                    .is_err_and(|f| f.check::<Abandoned>().is_some()))
            })
        },
        |members| race(members).add_callback(|(index, ())| Ok(index == 1)),
    ];
    for list in lists {
        let (resolver, d) = Deferred::<()>::new();
        let bug = d.add_callback(|()| -> Result<(), Failure> { panic!("a member") });
        let (other, rest) = Deferred::new();
        let answer = list(vec![bug, rest]);
        panics(|| resolver.callback(()));
        other.callback(());
        assert!(value(answer));
    }
    // The first failure ends the gathering, although the other never fires.
    let (resolver, d) = Deferred::<()>::new();
    let bug = d.add_callback(|()| -> Result<(), Failure> { panic!("a member") });
    let (_never, rest) = Deferred::new();
    let answer = gather_results([bug, rest]);
    panics(|| resolver.callback(()));
    assert!(is::<FirstError, _>(answer));
}

fn first_is_abandoned<T>(result: Result<T, Failure>) -> bool {
    result.is_err_and(|failure| {
        let first = failure.check::<FirstError>();
        first.is_some_and(|first| first.index == 0 && first.failure.check::<Abandoned>().is_some())
    })
}

#[test]
fn a_stage_that_panics_answers_for_the_last_one() {
    let (resolver, d) = Deferred::<u32>::new();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let hears = heard.clone();
    d.add_callback(|_| -> Result<u32, Failure> { panic!("a bug") })
        .on_result(move |result| hears.borrow_mut().push(result));
    panics(|| resolver.callback(1));
    let heard = heard.take();
    assert_eq!(heard.len(), 1);
    assert!(
        heard[0]
            .as_ref()
            .is_err_and(|f| f.check::<Abandoned>().is_some())
    );
    // One that panics itself does that after the first, and ends nothing.
    let (resolver, d) = Deferred::<u32>::new();
    d.add_callback(|_| -> Result<u32, Failure> { panic!("a bug") })
        .on_result(|result| panic!("{result:?}"));
    panics(|| resolver.callback(1));
}

#[test]
fn a_canceller_that_panics_does_not_keep_the_others_from_being_cancelled() {
    let undone = Rc::new(Cell::new(0));
    let members = |undone: &Rc<Cell<u32>>| {
        (0..3)
            .map(|n| {
                let undone = undone.clone();
                Deferred::<u32>::with_canceller(move |_instead| {
                    undone.set(undone.get() + 1);
                    assert_eq!(n, 2, "only the last does not panic");
                })
            })
            .collect::<(Vec<_>, Vec<_>)>()
    };
    let (_resolvers, list) = members(&undone);
    let all = deferred_list(list);
    let canceller = all.canceller();
    panics(|| canceller.cancel());
    assert_eq!(undone.take(), 3);
    let results = value(all);
    assert!(
        results
            .iter()
            .all(|r| r.as_ref().is_err_and(|f| f.check::<Cancelled>().is_some()))
    );

    // The winner of a race keeps its value, whatever the cancellers of the others do.
    let (_resolvers, mut list) = members(&undone);
    let (winner, first) = Deferred::<u32>::new();
    list.push(first);
    let race = waits(race(list));
    panics(|| winner.callback(7));
    assert_eq!((undone.get(), value(race)), (3, (3, 7)));
}

#[test]
fn cancelling_while_a_panic_unwinds() {
    struct Cancels(deferreds::Canceller);
    impl Drop for Cancels {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }
    let (_resolver, d) = Deferred::<u32>::with_canceller(|_| panic!("in a canceller"));
    unwind_with(Cancels(d.canceller()));
    assert!(failure(d).check::<Cancelled>().is_some());
}

#[test]
fn several_values_of_one_list_or_queue_that_panic_when_they_are_dropped() {
    let queue = || {
        let queue = Queue::new();
        for _ in 0..3 {
            queue.put(Bomb).unwrap();
        }
        queue
    };
    let list = || {
        let (never, member) = Deferred::<Bomb>::new();
        // The third one fails, and so the values of the others are no part of the answer.
        let list = gather_results([Deferred::succeed(Bomb), Deferred::succeed(Bomb), member]);
        (list.add_errback(|_| Ok(Vec::new())), never)
    };
    unwind_with(queue());
    panics(|| drop(queue()));
    for unwinding in [false, true] {
        let (list, never) = list();
        if unwinding {
            unwind_with((list, never));
        } else {
            panics(|| drop((list, never)));
        }
    }
}
