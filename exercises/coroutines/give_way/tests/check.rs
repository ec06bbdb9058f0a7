//! Polls by hand and counts wakes, then lets two tasks take turns.
use give_way::give_way;
use std::{
    cell::RefCell,
    future::Future,
    pin::{Pin, pin},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};
use untwisted::{
    coroutines::{block_on, join},
    reactor::{Reactor, Sim},
};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What each of two polls says, and how often the waker was called by then.
fn two_polls() -> [(Poll<()>, usize); 2] {
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(give_way());
    [(); 2].map(|()| {
        let said = future.as_mut().poll(&mut context);
        (said, count.0.load(Ordering::Relaxed))
    })
}

#[test]
fn the_first_poll_is_pending_and_wakes() {
    let mut future = pin!(give_way());
    let mut context = Context::from_waker(Waker::noop());
    let said = Pin::as_mut(&mut future).poll(&mut context);
    assert!(
        said.is_pending(),
        "it did not give way: the first poll must be pending"
    );
    let [(_, wakes), _] = two_polls();
    assert_eq!(
        wakes, 1,
        "the first poll called the waker {wakes} times: without a call, it would never be polled again, and one is enough"
    );
}

#[test]
fn the_second_poll_is_ready_and_wakes_nobody() {
    let [(first, before), (second, after)] = two_polls();
    if first.is_pending() {
        assert!(
            second.is_ready(),
            "the second poll is pending, too: it gives way once, not for ever"
        );
        assert_eq!(
            after - before,
            0,
            "the last poll called the waker: a task that is done needs no further poll"
        );
    }
}

#[test]
fn two_take_turns() {
    let [(_, wakes), (second, _)] = two_polls();
    assert!(
        wakes > 0 && second.is_ready(),
        "first mend the polls above: two tasks cannot take turns like this"
    );
    let mut reactor = Reactor::new(Sim::new(1));
    let steps = Rc::new(RefCell::new(Vec::new()));
    let walk = |name: &'static str| {
        let steps = Rc::clone(&steps);
        async move {
            for n in 1..=2 {
                steps.borrow_mut().push(format!("{name}{n}"));
                give_way().await;
            }
        }
    };
    block_on(&mut reactor, async {
        join(walk("a"), walk("b")).await;
        Ok(())
    })
    .expect("both walk to their end");
    assert_eq!(
        *steps.borrow(),
        ["a1", "b1", "a2", "b2"],
        "the two must take turns"
    );
}
