//! Calls from other threads, and work in other threads.
use reactor::{AskError, Os, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    rc::Rc,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

#[test]
fn a_flood_from_eight_threads_arrives_whole_and_each_thread_in_order() {
    const THREADS: usize = 8;
    const CALLS: u32 = 20_000;
    let mut reactor = Reactor::new(Os::new().unwrap());
    let seen = Arc::new(Mutex::new([0_u32; THREADS]));
    let threads: Vec<_> = (0..THREADS)
        .map(|me| {
            let (remote, seen) = (reactor.handle().remote(), Arc::clone(&seen));
            thread::spawn(move || {
                for n in 0..CALLS {
                    let seen = Arc::clone(&seen);
                    remote.call(move |h| {
                        let mut seen = seen.lock().unwrap();
                        assert_eq!(seen[me], n, "out of order");
                        seen[me] += 1;
                        if seen.iter().all(|count| *count == CALLS) {
                            h.stop().unwrap();
                        }
                    });
                }
            })
        })
        .collect();
    reactor.run().unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*seen.lock().unwrap(), [CALLS; THREADS]);
}

#[test]
fn a_call_ends_a_wait() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let remote = reactor.handle().remote();
    let (waiting, waits) = mpsc::channel();
    let thread = thread::spawn(move || {
        waits.recv().unwrap();
        remote.call(|h| h.stop().unwrap());
    });
    reactor
        .handle()
        .call_soon(move |_| waiting.send(()).unwrap());
    reactor.run().unwrap(); // it has nothing else to wake up for
    thread.join().unwrap();
}

#[test]
fn asking_waits_for_the_answer() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let remote = reactor.handle().remote();
    let thread = thread::spawn(move || {
        let answer = remote.ask(|h| h.now().as_nanos() + 1);
        remote.call(|h| h.stop().unwrap());
        answer
    });
    reactor.run().unwrap();
    assert!(thread.join().unwrap().unwrap() > 0);
}

#[test]
fn asking_ones_own_thread_or_a_dropped_reactor_is_an_error_not_a_hang() {
    let reactor = Reactor::new(Os::new().unwrap());
    let remote = reactor.handle().remote();
    assert_eq!(remote.ask(|_| ()), Err(AskError::OwnThread));
    let asking = {
        let remote = remote.clone();
        thread::spawn(move || remote.ask(|_| ()))
    };
    drop(reactor);
    assert_eq!(asking.join().unwrap(), Err(AskError::Gone));
    assert_eq!(
        thread::spawn(move || remote.ask(|_| ())).join().unwrap(),
        Err(AskError::Gone)
    );
}

#[test]
fn asking_a_stopped_reactor_is_an_error_not_a_hang() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let remote = reactor.handle().remote();
    reactor.handle().call_soon(|h| h.stop().unwrap());
    reactor.run().unwrap();
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || answer.send(remote.ask(|_| ())));
    let limit = Duration::from_secs(20); // an answer would never come
    assert_eq!(answered.recv_timeout(limit), Ok(Err(AskError::Gone)));
    drop(reactor);
}

#[test]
fn work_runs_elsewhere_and_its_result_comes_home() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let home = thread::current().id();
    let results: Rc<RefCell<Vec<u32>>> = Rc::default();
    for n in 0..50_u32 {
        let results = Rc::clone(&results);
        h.offload(
            move || {
                assert_ne!(thread::current().id(), home);
                n * n
            },
            move |h, square| {
                assert_eq!(thread::current().id(), home);
                results.borrow_mut().push(square);
                if results.borrow().len() == 50 {
                    h.stop().unwrap();
                }
            },
        );
    }
    reactor.run().unwrap();
    let mut results = results.take();
    results.sort_unstable();
    assert_eq!(results, (0..50).map(|n| n * n).collect::<Vec<_>>());
}

#[test]
fn more_work_than_threads_waits_its_turn() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let (running, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let left = Rc::new(Cell::new(40));
    for _ in 0..40 {
        let (running, most, left) = (Arc::clone(&running), Arc::clone(&most), Rc::clone(&left));
        h.offload(
            move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::yield_now();
                running.fetch_sub(1, Ordering::SeqCst);
            },
            move |h, ()| {
                left.set(left.get() - 1);
                if left.get() == 0 {
                    h.stop().unwrap();
                }
            },
        );
    }
    reactor.run().unwrap();
    assert!(most.load(Ordering::SeqCst) <= 10);
}

#[test]
fn a_panic_in_the_work_goes_on_in_the_reactors_thread() {
    for world in [0, 1] {
        let mut reactor = match world {
            0 => Reactor::new(Os::new().unwrap()),
            _ => Reactor::new(Sim::new(1)),
        };
        reactor
            .handle()
            .offload(|| panic!("on purpose"), |_, ()| unreachable!());
        let run = catch_unwind(AssertUnwindSafe(|| reactor.run()));
        assert_eq!(*run.unwrap_err().downcast::<&str>().unwrap(), "on purpose");
    }
}

#[test]
fn in_a_simulation_work_takes_its_time_and_runs_inline() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let home = thread::current().id();
    h.offload(
        move || assert_eq!(thread::current().id(), home),
        |h, ()| {
            assert_eq!(h.now().since_start(), Duration::from_millis(10));
            h.stop().unwrap();
        },
    );
    reactor.run().unwrap();
}

/// Runs a function when it is dropped.
struct Upon<F: FnMut()>(F);

impl<F: FnMut()> Drop for Upon<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn work_that_was_given_is_done_before_the_reactor_is_gone() {
    let reactor = Reactor::new(Os::new().unwrap());
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let done = Arc::new(AtomicU32::new(0));
    // More than there are threads: some of it has not begun.
    for _ in 0..25 {
        let (gate, done) = (Arc::clone(&gate), Arc::clone(&done));
        let work = move || {
            let open = gate.1.wait_while(gate.0.lock().unwrap(), |open| !*open);
            drop(open.unwrap());
            thread::sleep(Duration::from_millis(5));
            done.fetch_add(1, Ordering::SeqCst);
        };
        reactor.handle().offload(work, |_, ()| unreachable!());
    }
    // Nothing of it can be done before the reactor is about to go.
    let opens = Upon(move || {
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
    });
    reactor.handle().when_running(move |_| drop(opens));
    drop(reactor);
    assert_eq!(done.load(Ordering::SeqCst), 25);
}

#[test]
fn a_thread_survives_a_panic_that_carries_what_panics_when_it_is_dropped() {
    /// Panics so many times, each time with the next one.
    struct Again(u32);
    impl Drop for Again {
        fn drop(&mut self) {
            if self.0 > 0 {
                panic_any(Again(self.0 - 1));
            }
        }
    }
    let reactor = Reactor::new(Os::new().unwrap());
    let pool = reactor.handle().thread_pool(1);
    let (ends, has_ended) = mpsc::channel::<()>();
    // It panics when the reactor hears of nothing any more, so its thread drops what the panic
    // carries.
    let panics = move || {
        let _ = has_ended.recv();
        panic_any(Again(3));
    };
    pool.offload(panics, |_, ()| unreachable!());
    let (does, is_done) = mpsc::channel();
    pool.offload(
        move || does.send("the next one").unwrap(),
        |_, ()| unreachable!(),
    );
    reactor
        .handle()
        .extension::<RefCell<Option<mpsc::Sender<()>>>>()
        .replace(Some(ends));
    drop(reactor);
    assert_eq!(is_done.try_recv(), Ok("the next one"));
}

#[test]
fn so_it_is_in_a_simulation() {
    for turns in 0..3 {
        let mut reactor = Reactor::new(Sim::new(1));
        let done = Arc::new(AtomicU32::new(0));
        for _ in 0..25 {
            let done = Arc::clone(&done);
            let work = move || {
                done.fetch_add(1, Ordering::SeqCst);
            };
            reactor.handle().offload(work, |_, ()| ());
        }
        for _ in 0..turns {
            reactor.turn(Some(Duration::from_millis(5))).unwrap();
        }
        drop(reactor);
        assert_eq!(done.load(Ordering::SeqCst), 25);
    }
}

#[test]
fn work_that_does_not_end_is_waited_for_only_so_long_and_what_did_not_begin_is_dropped() {
    let alive = Arc::new(());
    let reactor = Reactor::new(Os::new().unwrap().jobs_at_end(Duration::from_millis(20)));
    // Ten threads are kept busy until the reactor is gone, so the eleventh job cannot begin.
    let gate = Arc::new(Mutex::new(()));
    let closed = gate.lock().unwrap();
    for _ in 0..10 {
        let gate = Arc::clone(&gate);
        reactor
            .handle()
            .offload(move || drop(gate.lock()), |_, ()| ());
    }
    let (work, done) = (Arc::clone(&alive), Arc::clone(&alive));
    reactor
        .handle()
        .offload(move || drop(work), move |_, ()| drop(done));
    assert_eq!(Arc::strong_count(&alive), 3);
    drop(reactor);
    assert_eq!(Arc::strong_count(&alive), 1);
    drop(closed);
}

#[test]
fn work_that_asks_the_reactor_at_its_end_hears_that_it_is_gone() {
    let reactor = Reactor::new(Os::new().unwrap());
    let remote = reactor.handle().remote();
    let (answer, answered) = mpsc::channel();
    let (begin, begins) = mpsc::channel::<()>();
    reactor.handle().offload(
        move || {
            let _ = begins.recv();
            answer.send(remote.ask(|_| ())).unwrap();
        },
        |_, ()| (),
    );
    reactor.handle().when_running(move |_| drop(begin));
    drop(reactor);
    assert_eq!(answered.try_recv(), Ok(Err(AskError::Gone)));
}
