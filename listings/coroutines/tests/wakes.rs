//! Wakes: from callbacks, from other tasks, from other threads, too early, too late, twice; and how
//! many polls they make.
use coroutines::{block_on, spawn, yield_now};
use deferreds::Failure;
use reactor::{Os, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    task::{Poll, Waker},
    thread,
    time::Duration,
};

type Kept = Rc<RefCell<Option<Waker>>>;

fn turns(reactor: &mut Reactor, count: u32) {
    for _ in 0..count {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
}

/// A task that counts its polls, keeps its waker, and is done at poll `until`.
fn counts(
    polls: &Rc<Cell<u32>>,
    kept: &Kept,
    until: u32,
) -> impl Future<Output = Result<(), Failure>> + use<> {
    let (polls, kept) = (polls.clone(), kept.clone());
    poll_fn(move |context| {
        polls.set(polls.get() + 1);
        *kept.borrow_mut() = Some(context.waker().clone());
        match polls.get() == until {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    })
}

#[test]
fn one_poll_a_wake_however_often_it_is_woken_before() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let (polls, kept) = (Rc::new(Cell::new(0)), Kept::default());
    let task = spawn(&h, counts(&polls, &kept, 3));
    turns(&mut reactor, 5);
    assert_eq!(polls.get(), 1);
    let waker = kept.take().unwrap();
    for _ in 0..10 {
        waker.wake_by_ref();
    }
    turns(&mut reactor, 5);
    assert_eq!(polls.get(), 2);
    waker.wake_by_ref();
    waker.wake();
    turns(&mut reactor, 5);
    assert_eq!(polls.get(), 3);
    assert!(task.into_result().is_ok());
}

#[test]
fn a_wake_after_the_end_wakes_nobody_not_even_who_has_its_place() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let (polls, kept) = (Rc::new(Cell::new(0)), Kept::default());
    drop(spawn(&h, counts(&polls, &kept, 1)));
    turns(&mut reactor, 1);
    let stale = kept.take().unwrap();
    let (others, kept) = (Rc::new(Cell::new(0)), Kept::default());
    drop(spawn(&h, counts(&others, &kept, 9)).add_errback(|_| Ok(())));
    turns(&mut reactor, 1);
    stale.wake();
    turns(&mut reactor, 3);
    assert_eq!((polls.get(), others.get()), (1, 1));
    drop(reactor);
    kept.take().unwrap().wake(); // and after the reactor, no task
}

#[test]
fn a_wake_while_it_is_polled_is_a_poll_after_the_next_wait() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    drop(
        spawn(&h, async move {
            loop {
                counted.set(counted.get() + 1);
                yield_now().await;
            }
        })
        .add_callback(|()| Ok(()))
        .add_errback(|_| Ok(())),
    );
    turns(&mut reactor, 10);
    // One before the first wait, and one after each.
    assert_eq!(polls.get(), 11);
}

#[test]
fn a_task_that_yields_for_ever_starves_no_timer() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    drop(
        spawn(&h, async {
            loop {
                yield_now().await;
            }
        })
        .add_callback(|()| Ok(()))
        .add_errback(|_| Ok(())),
    );
    h.call_later(Duration::from_millis(1), |h| h.stop().unwrap());
    reactor.run().unwrap();
}

#[test]
fn at_most_61_polls_between_two_waits() {
    // Two tasks wake each other for ever; a counter of waits is the turn.
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let polls = Rc::new(Cell::new(0));
    let kept = [Kept::default(), Kept::default()];
    for me in 0..2 {
        let (polls, kept) = (polls.clone(), kept.clone());
        let task = poll_fn(move |context| -> Poll<Result<(), Failure>> {
            polls.set(polls.get() + 1);
            *kept[me].borrow_mut() = Some(context.waker().clone());
            if let Some(other) = kept[1 - me].take() {
                other.wake();
            }
            Poll::Pending
        });
        drop(spawn(&h, task).add_errback(|_| Ok(())));
    }
    turns(&mut reactor, 1);
    let first = polls.get();
    for turn in 1..100 {
        turns(&mut reactor, 1);
        assert_eq!(polls.get(), first + turn * 61);
    }
}

#[test]
fn what_a_timer_wakes_is_polled_before_the_wait() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let (polls, kept) = (Rc::new(Cell::new(0)), Kept::default());
    drop(spawn(&h, counts(&polls, &kept, 9)).add_errback(|_| Ok(())));
    turns(&mut reactor, 1);
    let waker = kept.take().unwrap();
    h.call_later(Duration::from_secs(1), move |_| waker.wake());
    let deadline = Rc::new(Cell::new(false));
    let set = deadline.clone();
    h.call_later(Duration::from_secs(5), move |_| set.set(true));
    reactor.turn(None).unwrap(); // waits for the first timer
    reactor.turn(None).unwrap(); // fires it, polls, and waits for the second
    assert_eq!((polls.get(), deadline.get()), (2, false));
    assert_eq!(h.now().as_millis(), 5_000);
}

#[test]
fn tasks_of_two_reactors_in_one_thread_wake_each_other() {
    let (mut one, mut two) = (Reactor::new(Sim::new(1)), Reactor::new(Sim::new(2)));
    let (polls, kept) = (Rc::new(Cell::new(0)), Kept::default());
    let task = spawn(&one.handle(), counts(&polls, &kept, 2));
    turns(&mut one, 1);
    let waker = kept.take().unwrap();
    drop(spawn(&two.handle(), async move {
        waker.wake();
        Ok(())
    }));
    turns(&mut two, 2);
    turns(&mut one, 2);
    assert_eq!(polls.get(), 2);
    assert!(task.into_result().is_ok());
}

#[test]
fn wakes_from_another_thread_end_the_wait_and_are_not_lost() {
    const ROUNDS: u32 = 2_000;
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let (send, receive) = mpsc::channel::<Waker>();
    let rung = Arc::<AtomicU32>::default();
    let ring = rung.clone();
    let thread = thread::spawn(move || {
        for waker in receive {
            ring.fetch_add(1, Ordering::Relaxed);
            waker.wake();
        }
    });
    let task = spawn(&h, async move {
        for round in 1..=ROUNDS {
            let mut sent = false;
            poll_fn(|context| {
                if !std::mem::replace(&mut sent, true) {
                    send.send(context.waker().clone()).unwrap();
                }
                match rung.load(Ordering::Relaxed) {
                    now if now == round => Poll::Ready(()),
                    _ => Poll::Pending,
                }
            })
            .await;
        }
        Ok(())
    });
    // A lost wake would wait until here, and fail.
    let late = h.call_later(Duration::from_secs(60), |h| h.fail("a wake was lost"));
    block_on(&mut reactor, async { task.await }).unwrap();
    late.cancel().unwrap();
    thread.join().unwrap();
}

/// A task that is never done. Each of its polls is counted and given the waker.
fn endless<P: FnMut(u32, &Waker)>(
    polls: &Rc<Cell<u32>>,
    mut poll: P,
) -> impl Future<Output = Result<(), Failure>> + use<P> {
    let polls = polls.clone();
    poll_fn(move |context| {
        polls.set(polls.get() + 1);
        poll(polls.get(), context.waker());
        Poll::Pending
    })
}

/// Wakes it from another thread, and waits until that is done.
fn wake_elsewhere(waker: &Waker) {
    let waker = waker.clone();
    thread::spawn(move || waker.wake()).join().unwrap();
}

#[test]
fn woken_from_another_thread_while_it_is_polled_it_is_polled_again_before_the_wait() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let (polls, kept) = (Rc::new(Cell::new(0)), Kept::default());
    let keep = kept.clone();
    let task = endless(&polls, move |poll, waker| match poll {
        1 => *keep.borrow_mut() = Some(waker.clone()),
        2 => (0..3).for_each(|_| wake_elsewhere(waker)),
        _ => {}
    });
    drop(spawn(&reactor.handle(), task).add_errback(|_| Ok(())));
    turns(&mut reactor, 1);
    kept.borrow().as_ref().unwrap().wake_by_ref();
    // A letter to the reactor would be read in the next turn. And it is woken once, not three
    // times.
    turns(&mut reactor, 1);
    assert_eq!(polls.get(), 3);
    turns(&mut reactor, 5);
    assert_eq!(polls.get(), 3);
    // And between two polls it takes a letter.
    wake_elsewhere(kept.borrow().as_ref().unwrap());
    turns(&mut reactor, 5);
    assert_eq!(polls.get(), 4);
}

#[test]
fn what_a_thread_wakes_is_polled_in_the_order_of_the_wakes() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let (wakers, order) = (Rc::new(RefCell::new(Vec::new())), Rc::default());
    for number in 0..6 {
        let (wakers, order): (_, Rc<RefCell<Vec<u32>>>) = (wakers.clone(), Rc::clone(&order));
        let mut first = true;
        let task = poll_fn(move |context| {
            if std::mem::take(&mut first) {
                wakers.borrow_mut().push(context.waker().clone());
                return Poll::Pending;
            }
            order.borrow_mut().push(number);
            Poll::Ready(Ok(()))
        });
        drop(spawn(&h, task));
    }
    turns(&mut reactor, 1);
    let wakers = wakers.take();
    let thread = thread::spawn(move || wakers.into_iter().rev().for_each(Waker::wake));
    thread.join().unwrap();
    turns(&mut reactor, 2);
    assert_eq!(*order.borrow(), [5, 4, 3, 2, 1, 0]);
}

#[test]
fn a_wake_from_another_thread_in_the_first_poll_is_not_lost() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let polls = Rc::new(Cell::new(0));
    let task = endless(&polls, |poll, waker| {
        if poll == 1 {
            (0..3).for_each(|_| wake_elsewhere(waker));
        }
    });
    drop(spawn(&reactor.handle(), task).add_errback(|_| Ok(())));
    turns(&mut reactor, 5);
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_waker_that_a_task_kept_wakes_no_other_task() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let all: Vec<_> = (0..6)
        .map(|task| {
            let (polls, kept) = (Rc::new(Cell::new(0)), Kept::default());
            let keep = kept.clone();
            // The even ones keep their waker in the first poll; of the others, every second one in
            // its second poll.
            let future = endless(&polls, move |poll, waker| match (task % 4, poll) {
                (0 | 2, 1) | (1, 2) => *keep.borrow_mut() = Some(waker.clone()),
                (1, 1) => waker.wake_by_ref(),
                _ => {}
            });
            drop(spawn(&h, future).add_errback(|_| Ok(())));
            // It is done at once, and its waker serves the next one.
            drop(spawn(&h, async { Ok(()) }));
            (polls, kept)
        })
        .collect();
    turns(&mut reactor, 3);
    let counted = || all.iter().map(|(polls, _)| polls.get()).collect::<Vec<_>>();
    assert_eq!(counted(), [1, 2, 1, 1, 1, 2]);
    for (task, (_, kept)) in all.iter().enumerate() {
        let mut expected = counted();
        if let Some(waker) = kept.borrow().as_ref() {
            waker.wake_by_ref();
            expected[task] += 1;
        }
        turns(&mut reactor, 3);
        assert_eq!(counted(), expected);
    }
}

#[test]
fn a_task_that_panics_in_another_threads_wake_harms_no_other() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let (polls, kept) = (Rc::new(Cell::new(0)), Kept::default());
    let keep = kept.clone();
    let task = endless(&polls, move |poll, waker| {
        *keep.borrow_mut() = Some(waker.clone());
        if poll == 2 {
            wake_elsewhere(waker);
            panic!("in its second poll");
        }
    });
    drop(spawn(&h, task).add_errback(|_| Ok(())));
    turns(&mut reactor, 1);
    kept.borrow().as_ref().unwrap().wake_by_ref();
    catch_unwind(AssertUnwindSafe(|| turns(&mut reactor, 1))).unwrap_err();
    let other = spawn(&h, async {
        let _: () = yield_now().await;
        Ok(())
    });
    kept.take().unwrap().wake();
    turns(&mut reactor, 5);
    assert!(other.into_result().is_ok());
    assert_eq!(polls.get(), 2);
}

#[test]
fn many_threads_wake_one_task_at_once() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let left = Arc::new(AtomicU32::new(8 * 1_000));
    let count = left.clone();
    let mut threads = Vec::new();
    let task = poll_fn(move |context| {
        if threads.is_empty() {
            for _ in 0..8 {
                let (left, waker) = (count.clone(), context.waker().clone());
                threads.push(thread::spawn(move || {
                    for _ in 0..1_000 {
                        left.fetch_sub(1, Ordering::Relaxed);
                        waker.wake_by_ref();
                    }
                }));
            }
        }
        if count.load(Ordering::Relaxed) > 0 {
            return Poll::Pending;
        }
        threads.drain(..).for_each(|thread| thread.join().unwrap());
        Poll::Ready(Ok(()))
    });
    h.call_later(Duration::from_secs(60), |h| h.fail("a wake was lost"));
    block_on(&mut reactor, task).unwrap();
    assert_eq!(left.load(Ordering::Relaxed), 0);
}

#[test]
fn a_waker_may_outlive_the_reactor_in_another_thread() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let (polls, kept) = (Rc::new(Cell::new(0)), Kept::default());
    drop(spawn(&reactor.handle(), counts(&polls, &kept, 9)).add_errback(|_| Ok(())));
    turns(&mut reactor, 1);
    let waker = kept.take().unwrap();
    let again = waker.clone();
    thread::spawn(move || again.wake()).join().unwrap();
    drop(reactor);
    thread::spawn(move || waker.wake()).join().unwrap();
    assert_eq!(polls.get(), 1);
}
