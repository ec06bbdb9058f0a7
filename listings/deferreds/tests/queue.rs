//! Queues: values that wait for readers, readers that wait for values, and their limits.
mod help;
use deferreds::{
    Abandoned, Cancelled, Deferred, Failure, Queue, QueueOverflow, QueueUnderflow, TimedOut,
};
use help::{Log, failure, is, sim, small_stack, until_stalled, value, waits};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

#[test]
fn values_come_out_in_the_order_in_which_they_were_put() {
    let queue = Queue::new();
    for n in 0..3 {
        queue.put(n).unwrap();
    }
    assert_eq!(queue.len(), 3);
    for n in 0..3 {
        assert_eq!(value(queue.get()), n);
    }
    assert!(queue.is_empty());
}

#[test]
fn readers_are_served_in_the_order_in_which_they_came() {
    let queue = Queue::new();
    let (a, b) = (queue.get(), queue.get());
    assert_eq!(queue.waiting(), 2);
    queue.put("first").unwrap();
    let b = waits(b);
    queue.put("second").unwrap();
    assert_eq!((value(a), value(b)), ("first", "second"));
    assert_eq!((queue.len(), queue.waiting()), (0, 0));
}

#[test]
fn a_full_queue_gives_the_value_back() {
    let queue = Queue::with_limits(2, None);
    queue.put(Rc::new(1)).unwrap();
    queue.put(Rc::new(2)).unwrap();
    let value_back = queue.put(Rc::new(3)).unwrap_err();
    assert_eq!(*value_back.0, 3);
    assert_eq!(value_back.to_string(), "the queue is full");
    assert_eq!(*value(queue.get()), 1);
    queue.put(Rc::new(4)).unwrap();
    assert_eq!((*value(queue.get()), *value(queue.get())), (2, 4));
}

#[test]
fn a_queue_of_size_0_takes_a_value_only_for_who_waits() {
    let queue = Queue::with_limits(0, None);
    assert!(queue.put(1).is_err());
    let d = queue.get();
    queue.put(2).unwrap();
    assert!(queue.put(3).is_err());
    assert_eq!(value(d), 2);
}

#[test]
fn a_full_backlog_is_a_failure() {
    let queue = Queue::with_limits(None, 1);
    let first = queue.get();
    let failed = failure(queue.get());
    assert_eq!(failed.check(), Some(&QueueUnderflow));
    queue.put(1).unwrap();
    assert_eq!(value(first), 1);
    // There is room again; with a backlog of 0 there never is.
    let waiting = queue.get();
    queue.put(2).unwrap();
    assert_eq!(value(waiting), 2);
    let none = Queue::with_limits(None, 0);
    assert!(is::<QueueUnderflow, _>(none.get()));
    none.put(3).unwrap();
    assert_eq!(value(none.get()), 3);
}

#[test]
fn an_overflow_goes_through_a_question_mark() {
    let queue = Queue::with_limits(0, None);
    let d = Deferred::succeed(7_u32).add_callback(move |n| Ok(queue.put(n)?));
    let overflow = failure(d).trap::<QueueOverflow<u32>>().unwrap();
    assert_eq!(overflow.0, 7);
}

#[test]
fn a_cancelled_reader_leaves_and_no_value_is_lost() {
    let queue = Queue::with_limits(None, 2);
    let (a, b) = (queue.get(), queue.get());
    a.canceller().cancel();
    assert!(is::<Cancelled, _>(a));
    assert_eq!(queue.waiting(), 1);
    // Its place in the backlog is free, too.
    let c = queue.get();
    queue.put(1).unwrap();
    assert_eq!(value(b), 1);
    c.canceller().cancel();
    assert!(is::<Cancelled, _>(c));
    queue.put(2).unwrap();
    assert_eq!((queue.len(), value(queue.get())), (1, 2));
}

#[test]
fn one_that_is_cancelled_while_the_one_before_it_is_served_gets_nothing() {
    let queue = Queue::new();
    let second = Rc::new(Cell::new(None::<deferreds::Canceller>));
    let (cancel, more) = (second.clone(), queue.clone());
    drop(queue.get().add_callback(move |n| {
        // The value for the second is there already, and not yet given.
        more.put(n + 1)?;
        cancel.take().expect("it was kept").cancel();
        Ok(())
    }));
    let b = queue.get();
    second.set(Some(b.canceller()));
    let c = queue.get();
    queue.put(1).unwrap();
    assert!(is::<Cancelled, _>(b));
    assert_eq!(value(c), 2);
}

#[test]
fn a_timeout_ends_the_wait() {
    let (mut reactor, h) = sim();
    let queue = Queue::<()>::new();
    let d = queue.get().add_timeout(&h, Duration::from_secs(1));
    until_stalled(&mut reactor);
    assert!(is::<TimedOut, _>(d));
    assert_eq!(queue.waiting(), 0);
}

#[test]
fn whoever_reads_and_puts_again_keeps_the_order() {
    let queue = Queue::new();
    let log = Log::default();
    for name in ["a", "b", "c"] {
        let (queue, log) = (queue.clone(), log.clone());
        drop(queue.clone().get().add_callback(move |n: u32| {
            if n < 10 {
                queue.put(n + 10)?;
                queue.put(n + 20)?;
            }
            log.note(format!("{name}{n}"));
            Ok(())
        }));
    }
    queue.put(1).unwrap();
    assert_eq!(log.take(), "a1 b11 c21");
}

#[test]
fn a_panic_of_one_reader_leaves_the_others_served() {
    let queue = Queue::new();
    let again = queue.clone();
    let first = queue
        .get()
        .add_callback(move |n: u32| -> Result<(), Failure> {
            again.put(n + 1)?;
            panic!("a bug")
        });
    let second = queue.get();
    assert!(catch_unwind(AssertUnwindSafe(|| queue.put(1))).is_err());
    assert_eq!(value(second), 2);
    drop(first);
    queue.put(3).unwrap();
    assert_eq!(value(queue.get()), 3);
}

#[test]
fn when_nobody_can_put_any_more_who_waits_hears_it() {
    let queue = Queue::<u32>::new();
    let copy = queue.clone();
    let d = queue.get();
    drop(queue);
    let d = waits(d);
    drop(copy);
    assert!(is::<Abandoned, _>(d));
}

#[test]
fn values_and_readers_are_freed() {
    let alive = Rc::new(());
    let queue = Queue::new();
    queue.put(alive.clone()).unwrap();
    drop(queue);
    assert_eq!(Rc::strong_count(&alive), 1);

    let queue = Queue::<Rc<()>>::new();
    let captured = alive.clone();
    let d = queue.get().add_callback(move |value| Ok((value, captured)));
    drop(d.add_errback(|failure| Err(failure.trap::<Abandoned>()?.into())));
    drop(queue);
    assert_eq!(Rc::strong_count(&alive), 1);

    // A value that comes to a reader who did not stay.
    let queue = Queue::new();
    drop(queue.get());
    queue.put(alive.clone()).unwrap();
    assert_eq!(Rc::strong_count(&alive), 1);
}

#[test]
fn a_million_readers_that_each_put_the_next_value_in_a_small_stack() {
    const MANY: u32 = 1_000_000;
    small_stack(|| {
        let queue = Queue::new();
        for _ in 0..MANY {
            let next = queue.clone();
            drop(queue.get().add_callback(move |n: u32| Ok(next.put(n + 1)?)));
        }
        queue.put(0).unwrap();
        assert_eq!((queue.waiting(), value(queue.get())), (0, MANY));
    });
}

#[test]
fn a_million_readers_dropped_in_a_small_stack() {
    small_stack(|| {
        let queue = Queue::<u32>::new();
        for _ in 0..1_000_000 {
            drop(queue.get().add_errback(|failure| {
                failure.trap::<Abandoned>()?;
                Ok(0)
            }));
        }
        drop(queue);
    });
}

#[test]
fn what_is_put_inside_the_stage_of_a_reader_is_served_after_the_stages_of_that_reader() {
    let (queue, log) = (Queue::new(), Log::default());
    let (putter, first) = (queue.clone(), log.clone());
    drop(queue.get().add_callback(move |n: u32| {
        putter.put(n + 1).unwrap();
        first.note("put returned");
        Ok(())
    }));
    let second = log.clone();
    drop(
        queue
            .get()
            .add_callback(move |n| second.step(format!("second got {n}"))),
    );
    queue.put(1).unwrap();
    assert_eq!(log.take(), "put returned second got 2");
}
