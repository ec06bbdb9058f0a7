//! Joins futures that say how often they were polled, by hand and in virtual time.
use both::both;
use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};
use untwisted::{
    coroutines::{block_on, sleep},
    reactor::{Reactor, Sim},
};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Pending so many times, then ready with its name. Counts its polls, and calls no waker.
fn after(
    pending: usize,
    name: &'static str,
    polls: &Rc<Cell<usize>>,
) -> impl Future<Output = &'static str> + use<> {
    let polls = Rc::clone(polls);
    poll_fn(move |_| {
        polls.set(polls.get() + 1);
        assert!(
            polls.get() <= pending + 1,
            "{name} was polled again after it had said Ready"
        );
        match polls.get() > pending {
            true => Poll::Ready(name),
            false => Poll::Pending,
        }
    })
}

/// Polls the two together, at most five times: what came out, after how many polls, how many wakes.
fn drive(a: usize, b: usize) -> (Option<(&'static str, &'static str)>, usize, usize) {
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    let polls = [(); 2].map(|()| Rc::new(Cell::new(0)));
    let mut two = pin!(both(after(a, "a", &polls[0]), after(b, "b", &polls[1])));
    for poll in 1..=5 {
        if let Poll::Ready(outputs) = two.as_mut().poll(&mut context) {
            return (Some(outputs), poll, count.0.load(Ordering::Relaxed));
        }
    }
    (None, 5, count.0.load(Ordering::Relaxed))
}

#[test]
fn both_outputs_in_their_places() {
    for (a, b) in [(0, 0), (0, 2), (2, 0), (1, 1)] {
        let (outputs, _, _) = drive(a, b);
        assert_eq!(
            outputs,
            Some(("a", "b")),
            "a was ready after {a} polls for nothing and b after {b}, and both are done by the fifth: the output that came first is lost, if this is None"
        );
    }
}

#[test]
fn each_poll_polls_both() {
    let (_, polls, _) = drive(2, 2);
    assert_eq!(
        polls, 3,
        "both are ready at their third poll, so three polls of both are enough; they were not waited for at the same time"
    );
}

#[test]
fn it_wakes_nobody() {
    let (_, _, wakes) = drive(3, 1);
    assert_eq!(
        wakes, 0,
        "it asked to be polled {wakes} times although neither future had woken it: the two call the waker when they have news"
    );
}

#[test]
fn it_takes_as_long_as_the_longer_one() {
    it_wakes_nobody(); // else the simulated clock would never move
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    block_on(&mut reactor, async {
        let seconds = |n| sleep(&h, Duration::from_secs(n));
        both(seconds(2), both(seconds(3), seconds(1))).await;
        Ok(())
    })
    .expect("all three end");
    assert_eq!(
        h.now().as_millis(),
        3_000,
        "2, 3 and 1 s at the same time are 3 s; they were not waited for at the same time"
    );
}

#[test]
fn dropped_it_drops_both() {
    let alive = Rc::new(());
    let never = |alive: Rc<()>| async move {
        std::future::pending::<()>().await;
        drop(alive);
    };
    {
        let mut two = pin!(both(never(Rc::clone(&alive)), never(Rc::clone(&alive))));
        let said = two.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(said.is_pending(), "neither of them is ever ready");
    }
    assert_eq!(
        Rc::strong_count(&alive),
        1,
        "both must be dropped with the future that waits for them"
    );
}
