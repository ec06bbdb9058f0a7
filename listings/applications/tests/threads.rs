//! So many at once: the line, what is given up, and who holds a place until when.
use applications::Threads;
use deferreds::{Cancelled, Deferred, Failure};
use reactor::{Os, Reactor};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};

/// Turns until `is` holds.
fn until(reactor: &mut Reactor, what: &str, is: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is() {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "not within a minute: {what}"
        );
        reactor.turn(Some(Duration::from_millis(5))).unwrap();
    }
}

/// Work that goes on until it is let go, and counts how many do so at once.
fn held(
    threads: &Threads,
    reactor: &Reactor,
    now: &Arc<AtomicUsize>,
) -> (Sender<()>, Deferred<usize>) {
    let (let_go, gate): (Sender<()>, Receiver<()>) = channel();
    let now = Arc::clone(now);
    let deferred = threads.run(&reactor.handle(), move || {
        let at_once = now.fetch_add(1, Ordering::SeqCst) + 1;
        let _ = gate.recv();
        now.fetch_sub(1, Ordering::SeqCst);
        Ok(at_once)
    });
    (let_go, deferred)
}

#[test]
fn two_at_once_and_the_others_in_a_line() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let (threads, now) = (Threads::new(2), Arc::new(AtomicUsize::new(0)));
    let all: Vec<_> = (0..5).map(|_| held(&threads, &reactor, &now)).collect();
    until(&mut reactor, "two work", || now.load(Ordering::SeqCst) == 2);
    assert_eq!((threads.busy(), threads.waiting()), (2, 3));
    for (let_go, deferred) in all {
        let_go.send(()).unwrap();
        let done = std::rc::Rc::new(std::cell::Cell::new(0));
        let tells = std::rc::Rc::clone(&done);
        deferred.on_result(move |result| tells.set(result.unwrap()));
        until(&mut reactor, "it is done", || done.get() > 0);
        assert!(done.get() <= 2, "never more than two at once");
    }
    assert_eq!((threads.busy(), threads.waiting()), (0, 0));
}

#[test]
fn what_is_given_up_holds_its_place_until_it_is_done() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let (threads, now) = (Threads::new(1), Arc::new(AtomicUsize::new(0)));
    let (let_go, first) = held(&threads, &reactor, &now);
    let (_never, second) = held(&threads, &reactor, &now);
    let (third_goes, third) = held(&threads, &reactor, &now);
    until(&mut reactor, "the first works", || {
        now.load(Ordering::SeqCst) == 1
    });
    for given_up in [first, second] {
        given_up.canceller().cancel();
        let failure = given_up.into_result().unwrap().unwrap_err();
        assert!(failure.check::<Cancelled>().is_some(), "{failure}");
    }
    assert_eq!(
        (threads.busy(), threads.waiting()),
        (1, 1),
        "the first still has its thread"
    );
    let_go.send(()).unwrap();
    third_goes.send(()).unwrap();
    until(&mut reactor, "the third is done", || threads.busy() == 0);
    assert_eq!(
        third.into_result().unwrap().unwrap(),
        1,
        "it never ran beside the first"
    );
}

#[test]
fn a_failure_gives_its_place_back() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let threads = Threads::new(0); // counts as one
    let fails = threads.run(&reactor.handle(), || Err::<(), _>(Failure::new("no")));
    let works = threads.run(&reactor.handle(), || Ok(7));
    until(&mut reactor, "both are done", || {
        threads.busy() == 0 && threads.waiting() == 0
    });
    assert_eq!(fails.into_result().unwrap().unwrap_err().to_string(), "no");
    assert_eq!(works.into_result().unwrap().unwrap(), 7);
}
