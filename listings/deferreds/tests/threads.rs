//! Between threads, as Deferreds: work done elsewhere, and threads that wait.
mod help;
use deferreds::{
    Abandoned, Cancelled, Deferred, Failure, Resolver, blocking_call_from_thread, defer_later,
    defer_to_thread,
};
use help::{failure, is, sim, until_stalled, value};
use reactor::{AskError, Os, Reactor};
use std::{
    cell::RefCell,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

fn os() -> (Reactor, reactor::Handle) {
    let reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    (reactor, handle)
}

#[test]
fn work_runs_in_another_thread_and_its_result_comes_home() {
    let (mut reactor, h) = os();
    let home = thread::current().id();
    let d = defer_to_thread(&h, || Ok(thread::current().id())).add_both(move |result| {
        assert_eq!(thread::current().id(), home);
        h.stop()?;
        result
    });
    reactor.run().unwrap();
    assert_ne!(value(d), home);
}

#[test]
fn a_failure_comes_home_with_its_type_and_its_place() {
    let (mut reactor, h) = sim();
    let line = line!() + 2;
    let d = defer_to_thread(&h, || {
        Err::<(), io::Error>(io::ErrorKind::NotFound.into())?;
        Ok(())
    });
    until_stalled(&mut reactor);
    let failure = failure(d);
    assert!(failure.check::<io::Error>().is_some());
    assert_eq!(failure.location().line(), line);
}

/// Says when it is dropped.
struct Told(Arc<AtomicBool>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn cancelling_leaves_the_thread_running_and_drops_its_result() {
    let (mut reactor, h) = os();
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_end) = mpsc::channel::<()>();
    let dropped = Arc::new(AtomicBool::new(false));
    let (result, remote) = (Told(dropped.clone()), h.remote());
    let d = defer_to_thread(&h, move || {
        begun.send(()).unwrap();
        // It is cancelled meanwhile, and works on.
        may_end.recv().unwrap();
        remote.call(|h| h.call_soon(|h| h.call_soon(|h| h.stop().unwrap())));
        Ok(result)
    });
    has_begun.recv().unwrap();
    d.canceller().cancel();
    assert!(is::<Cancelled, _>(d));
    assert!(!dropped.load(Ordering::Acquire));
    go_on.send(()).unwrap();
    reactor.run().unwrap();
    drop(reactor);
    // The thread may be the one that drops it, when the reactor is gone: then it does so now.
    while !dropped.load(Ordering::Acquire) {
        thread::yield_now();
    }
}

#[test]
fn a_panic_in_the_thread_goes_on_in_the_reactors_thread_and_abandons_it() {
    let (mut reactor, h) = os();
    let d = defer_to_thread(&h, || -> Result<(), Failure> { panic!("on purpose") });
    let run = catch_unwind(AssertUnwindSafe(|| reactor.run()));
    assert_eq!(*run.unwrap_err().downcast::<&str>().unwrap(), "on purpose");
    assert!(is::<Abandoned, _>(d));
}

#[test]
fn dropping_the_reactor_abandons_what_was_not_done() {
    let (reactor, h) = sim();
    let d = defer_to_thread(&h, || Ok(()));
    drop(reactor);
    assert!(is::<Abandoned, _>(d));
}

#[test]
fn another_thread_waits_for_a_deferred() {
    let (mut reactor, h) = os();
    let remote = h.remote();
    let worker = thread::spawn(move || {
        let later = blocking_call_from_thread(&remote, |h| {
            defer_later(h, Duration::from_millis(1), |_| Ok("a poem"))
        });
        let now = blocking_call_from_thread(&remote, |_| Ok(7));
        let failed = blocking_call_from_thread(&remote, |h| {
            defer_later(h, Duration::ZERO, |_| Err::<(), _>(Failure::new("no poem")))
        });
        remote.call(|h| h.stop().unwrap());
        (later.unwrap(), now.unwrap(), failed.unwrap_err())
    });
    reactor.run().unwrap();
    let (later, now, failed) = worker.join().unwrap();
    assert_eq!((later, now), ("a poem", 7));
    assert_eq!(failed.to_string(), "no poem");
}

fn gone<T>(answer: Result<T, Failure>) -> bool {
    answer.is_err_and(|failure| failure.check() == Some(&AskError::Gone))
}

thread_local! {
    /// Resolvers that live longer than their reactor.
    static KEPT: RefCell<Vec<Resolver<()>>> = const { RefCell::new(Vec::new()) };
}

fn never() -> Deferred<()> {
    let (resolver, deferred) = Deferred::new();
    KEPT.with_borrow_mut(|kept| kept.push(resolver));
    deferred
}

#[test]
fn a_stop_or_a_drop_ends_the_wait_for_what_never_fires() {
    for stop in [true, false] {
        let (mut reactor, h) = os();
        let (begun, has_begun) = mpsc::channel();
        let remote = h.remote();
        let workers: Vec<_> = (0..3)
            .map(|_| {
                let (remote, begun) = (remote.clone(), begun.clone());
                thread::spawn(move || {
                    gone(blocking_call_from_thread(&remote, move |h| {
                        begun.send(()).unwrap();
                        // So that this turn does not wait: nothing else will happen.
                        h.call_soon(|_| ());
                        never()
                    }))
                })
            })
            .collect();
        let mut waiting = 0;
        while waiting < 3 {
            reactor.turn(None).unwrap();
            waiting += has_begun.try_iter().count();
        }
        if stop {
            h.stop().unwrap();
            reactor.run().unwrap();
        } else {
            drop(reactor);
        }
        for worker in workers {
            assert!(worker.join().unwrap());
        }
        KEPT.take()
            .into_iter()
            .for_each(|resolver| resolver.callback(()));
    }
}

#[test]
fn a_forgotten_promise_ends_the_wait_with_abandoned() {
    let (mut reactor, h) = os();
    let remote = h.remote();
    let worker = thread::spawn(move || {
        let answer = blocking_call_from_thread(&remote, |_| Deferred::<u32>::new().1);
        remote.call(|h| h.stop().unwrap());
        answer.unwrap_err().check::<Abandoned>().is_some()
    });
    reactor.run().unwrap();
    assert!(worker.join().unwrap());
}

#[test]
fn the_reactors_own_thread_must_not_wait() {
    let (_reactor, h) = sim();
    let called = Rc::new(());
    let answer = blocking_call_from_thread(&h.remote(), |_| Ok(()));
    let failure = answer.unwrap_err();
    assert_eq!(failure.check(), Some(&AskError::OwnThread));
    drop(called);
}

#[test]
fn a_panic_on_the_way_to_the_answer_is_not_the_end_of_the_reactor() {
    for in_stage in [false, true] {
        let (mut reactor, h) = os();
        let remote = h.remote();
        let worker = thread::spawn(move || {
            let answer = blocking_call_from_thread(&remote, move |h| {
                assert!(in_stage, "in the function itself");
                defer_later(h, Duration::from_millis(1), |_| Ok(()))
                    .add_callback(|()| -> Result<(), Failure> { panic!("in a stage") })
            });
            remote.call(|h| h.stop().unwrap());
            answer
        });
        let turns = catch_unwind(AssertUnwindSafe(|| reactor.run()));
        assert!(turns.is_err(), "the panic goes on in the reactor's thread");
        reactor.run().unwrap();
        let failure = worker.join().unwrap().unwrap_err();
        if in_stage {
            assert!(failure.check::<Abandoned>().is_some(), "{failure:?}");
        } else {
            assert_eq!(failure.check(), Some(&AskError::Panicked), "{failure:?}");
        }
    }
}
