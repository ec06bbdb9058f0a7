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

#[test]
fn more_at_once_than_the_threads_that_all_share() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let (threads, now) = (Threads::new(12), Arc::new(AtomicUsize::new(0)));
    let all: Vec<_> = (0..12).map(|_| held(&threads, &reactor, &now)).collect();
    until(&mut reactor, "all twelve work at once", || {
        now.load(Ordering::SeqCst) == 12
    });
    drop(all);
    until(&mut reactor, "they are done", || threads.busy() == 0);
}

#[test]
fn neither_takes_a_thread_of_the_other() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    // All threads that are shared are held, and one more waits for them.
    let (open, gate) = channel::<()>();
    let gate = Arc::new(std::sync::Mutex::new(gate));
    let shared: Vec<_> = (0..11)
        .map(|_| {
            let gate = Arc::clone(&gate);
            deferreds::defer_to_thread(&handle, move || {
                let _ = gate.lock().unwrap().recv();
                Ok(())
            })
        })
        .collect();
    let (threads, now) = (Threads::new(1), Arc::new(AtomicUsize::new(0)));
    let (let_go, ours) = held(&threads, &reactor, &now);
    until(&mut reactor, "ours works", || {
        now.load(Ordering::SeqCst) == 1
    });
    // Now ours is held, and the shared ones go on.
    drop(open);
    let done = deferreds::gather_results(shared);
    let told = std::rc::Rc::new(std::cell::Cell::new(false));
    let tells = std::rc::Rc::clone(&told);
    done.on_result(move |result| tells.set(result.is_ok()));
    until(&mut reactor, "the shared ones are done", || told.get());
    assert_eq!(threads.busy(), 1);
    let_go.send(()).unwrap();
    until(&mut reactor, "ours is done", || threads.busy() == 0);
    assert_eq!(ours.into_result().unwrap().unwrap(), 1);
}

#[test]
fn dropped_they_do_what_they_were_given_and_end() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let (threads, now) = (Threads::new(1), Arc::new(AtomicUsize::new(0)));
    let (let_go, first) = held(&threads, &reactor, &now);
    let (second_goes, second) = held(&threads, &reactor, &now);
    until(&mut reactor, "the first works", || {
        now.load(Ordering::SeqCst) == 1
    });
    drop(threads);
    let_go.send(()).unwrap();
    second_goes.send(()).unwrap();
    let both = deferreds::gather_results([first, second]);
    let told = std::rc::Rc::new(std::cell::Cell::new(None));
    let tells = std::rc::Rc::clone(&told);
    both.on_result(move |result| tells.set(Some(result.unwrap())));
    let said = || {
        let answer = told.take();
        let there = answer.is_some();
        told.set(answer);
        there
    };
    until(&mut reactor, "both are done", said);
    assert_eq!(told.take(), Some(vec![1, 1]));
}

#[test]
fn given_another_reactor_they_serve_that_one() {
    let threads = Threads::new(1);
    for n in 0..3 {
        let mut reactor = Reactor::new(Os::new().unwrap());
        let answer = threads.run(&reactor.handle(), move || Ok(n));
        until(&mut reactor, "it is done", || threads.busy() == 0);
        assert_eq!(answer.into_result().unwrap().unwrap(), n);
    }
    let mut reactor = Reactor::new(reactor::Sim::new(1));
    let answer = threads.run(&reactor.handle(), || Ok(7));
    until(&mut reactor, "also a simulated one", || threads.busy() == 0);
    assert_eq!(answer.into_result().unwrap().unwrap(), 7);
}

#[test]
fn the_end_of_the_reactor_waits_for_what_has_begun() {
    let reactor = Reactor::new(Os::new().unwrap());
    let (threads, done) = (Threads::new(2), Arc::new(AtomicUsize::new(0)));
    let works: Vec<_> = (0..2)
        .map(|_| {
            let done = Arc::clone(&done);
            threads.run(&reactor.handle(), move || {
                std::thread::sleep(Duration::from_millis(20));
                done.fetch_add(1, Ordering::SeqCst);
                Ok(())
            })
        })
        .collect();
    drop(reactor);
    assert_eq!(done.load(Ordering::SeqCst), 2);
    for work in works {
        assert!(
            work.into_result().unwrap().is_err(),
            "nobody is there to be told"
        );
    }
}
