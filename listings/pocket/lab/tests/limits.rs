//! Each limit of the pocket, failing there and holding in the crate that has grown out of it.
//!
//! The names of the tests are those of the tables on the book's pages. No time decides: turns and
//! calls are counted.
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    process::Command,
    rc::Rc,
    thread,
    time::Duration,
};

#[path = "limits/programs.rs"]
mod programs;
#[path = "limits/unbounded_writes.rs"]
mod unbounded_writes;

const HOUR: Duration = Duration::from_secs(3600);

/// How a case ends that may end its process: this program, asked for the test `child`.
fn in_a_child(case: &str) -> std::process::Output {
    let me = std::env::current_exe().expect("this program");
    let args = ["--ignored", "--exact", "--nocapture", "child"];
    let mut command = Command::new(me);
    command.args(args).env("POCKET_LIMIT", case);
    command.output().expect("a child")
}

#[test]
#[ignore = "one case of another test, in a process of its own"]
fn child() {
    let case = std::env::var("POCKET_LIMIT").unwrap_or_default();
    let (kind, number) = case.split_once(' ').unwrap_or(("", "0"));
    let number: u32 = number.parse().unwrap_or(0);
    // The same small stack for all, whatever stack a test has.
    let small = thread::Builder::new().stack_size(256 * 1024);
    let run = match kind {
        "pocket" => small.spawn(move || pocket_chain(number)),
        "crate" => small.spawn(move || crate_chain(number)),
        _ => return,
    };
    let sum = run.expect("a thread").join().expect("it does not panic");
    println!("arrived: {sum}");
}

fn pocket_chain(stages: u32) -> u32 {
    let (resolver, mut chain) = pocket::deferred::Deferred::<u32>::new();
    for _ in 0..stages {
        chain = chain.add_callback(|n| Ok(n + 1));
    }
    let end = Rc::new(Cell::new(0));
    let seen = end.clone();
    chain.on_result(move |n| seen.set(n.unwrap_or(0)));
    resolver.callback(0);
    end.get()
}

fn crate_chain(stages: u32) -> u32 {
    let (resolver, mut chain) = deferreds::Deferred::new();
    for _ in 0..stages {
        chain = chain.add_callback(|n: u32| Ok(n + 1));
    }
    resolver.callback(0);
    chain.into_result().ok().and_then(Result::ok).unwrap_or(0)
}

#[test]
fn recursion() {
    let arrives = |case: &str| {
        let output = in_a_child(case);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let number =
            text.lines().find_map(|line| line.split("arrived: ").nth(1)?.parse::<u32>().ok());
        (output.status.success(), number, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (lives, number, _) = arrives("pocket 10");
    assert!(lives && number == Some(10), "a short chain arrives: {number:?}");
    let (lives, _, error) = arrives("pocket 100000");
    assert!(
        !lives && error.contains("overflow"),
        "the pocket has no limit any more: say so on its page. {error}"
    );
    let (lives, number, error) = arrives("crate 100000");
    assert!(lives && number == Some(100_000), "the crate's chain: {number:?} {error}");
}

mod fairness {
    use super::*;
    use mio::net::UnixStream;
    use std::io::{Read, Write};

    /// How long the peer goes on.
    const ROUNDS: u32 = 10_000;

    /// A source whose peer answers each byte with another one, until the last round.
    struct Greedy {
        ours: UnixStream,
        peer: UnixStream,
        rounds: Rc<Cell<u32>>,
    }

    impl pocket::reactor::Source for Greedy {
        fn ready(self: Rc<Self>, reactor: &pocket::reactor::Handle, _: pocket::reactor::Id) {
            if self.rounds.get() == 0 {
                let rounds = self.rounds.clone();
                reactor.call_soon(move |h| {
                    // It was asked for before the first round.
                    rounds.set(rounds.get() | 1 << 31);
                    h.stop();
                });
            }
            while (&self.ours).read(&mut [0]).is_ok_and(|n| n > 0) {
                self.rounds.set(self.rounds.get() + 1);
                if self.rounds.get() < ROUNDS {
                    (&self.peer).write_all(&[0]).expect("room for a byte");
                }
            }
        }
    }

    /// After how many rounds a call has its turn that was asked for before the first.
    fn in_the_pocket() -> u32 {
        let mut reactor = pocket::reactor::Reactor::new().expect("a reactor");
        let handle = reactor.handle();
        let (mut ours, mut peer) = UnixStream::pair().expect("a pair");
        let id = handle.adopt(&mut ours).expect("a socket to watch");
        peer.write_all(&[0]).expect("room for a byte");
        let rounds = Rc::new(Cell::new(0));
        handle.register(id, Rc::new(Greedy { ours, peer, rounds: rounds.clone() }));
        reactor.run().expect("it runs");
        assert!(rounds.get() >> 31 == 1, "the call has run");
        rounds.get() & !(1 << 31)
    }

    /// The same peer on the crate's reactor; the source reads once and asks for another turn.
    struct Fair {
        peer: Cell<Option<reactor::Id>>,
        rounds: Rc<Cell<u32>>,
        seen: Rc<Cell<Option<u32>>>,
    }

    impl reactor::Source for Fair {
        fn ready(self: Rc<Self>, h: &reactor::Handle, id: reactor::Id, what: reactor::Readiness) {
            // One read, and one answer: the socket is never drained.
            if h.read(id, &mut [0]).is_ok_and(|n| n > 0) {
                if self.rounds.get() == 0 {
                    let (rounds, seen) = (self.rounds.clone(), self.seen.clone());
                    h.call_soon(move |h| {
                        seen.set(Some(rounds.get()));
                        h.stop().expect("it runs");
                    });
                }
                self.rounds.set(self.rounds.get() + 1);
                if let Some(peer) = self.peer.get() {
                    h.write(peer, &[0, 0]).expect("room for two bytes");
                }
                h.again(reactor::Ready { id, what });
            }
        }
    }

    struct Door(Rc<Fair>);

    impl reactor::Source for Door {
        fn ready(self: Rc<Self>, h: &reactor::Handle, id: reactor::Id, _: reactor::Readiness) {
            while let Ok((stream, _)) = h.accept(id) {
                h.register(stream, self.0.clone());
            }
        }
    }

    struct Peer(Rc<Fair>);

    impl reactor::Source for Peer {
        fn ready(self: Rc<Self>, h: &reactor::Handle, id: reactor::Id, what: reactor::Readiness) {
            if what.write && self.0.peer.replace(Some(id)).is_none() {
                h.write(id, &[0, 0, 0]).expect("room for three bytes");
            }
        }
    }

    fn in_the_crate() -> u32 {
        let mut reactor = reactor::Reactor::new(reactor::Sim::new(1));
        let h = reactor.handle();
        let at = reactor::Address::loopback(4080);
        let (rounds, seen) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(None)));
        let fair = Rc::new(Fair { peer: Cell::new(None), rounds, seen: seen.clone() });
        let listener = h.listen(&at).expect("a listener");
        h.register(listener, Rc::new(Door(fair.clone())));
        let stream = h.connect(&at).expect("it begins");
        h.register(stream, Rc::new(Peer(fair)));
        reactor.run().expect("it runs");
        seen.get().expect("the call has run")
    }

    #[test]
    fn fairness() {
        assert_eq!(
            in_the_pocket(),
            ROUNDS,
            "the pocket's call no longer waits for the end of the peer"
        );
        assert_eq!(in_the_crate(), 1, "rounds before the crate's call had its turn");
    }
}

#[test]
fn panics() {
    let ran = Rc::new(Cell::new(0));

    let mut reactor = pocket::reactor::Reactor::new().expect("a reactor");
    let (h, innocent) = (reactor.handle(), ran.clone());
    h.call_soon(|_| panic!("a bug in one of a thousand protocols, made for this test"));
    h.call_soon(move |_| innocent.set(innocent.get() + 1));
    assert!(catch_unwind(AssertUnwindSafe(|| reactor.run())).is_err());
    h.call_soon(|h| h.stop());
    reactor.run().expect("it runs again");
    assert_eq!(ran.get(), 0, "the pocket no longer loses the call that did nothing wrong");

    let mut reactor = reactor::Reactor::new(reactor::Sim::new(1));
    let (h, innocent) = (reactor.handle(), ran.clone());
    h.call_soon(|_| panic!("a bug in one of a thousand protocols, made for this test"));
    h.call_soon(move |_| innocent.set(innocent.get() + 1));
    assert!(catch_unwind(AssertUnwindSafe(|| reactor.run())).is_err());
    h.call_soon(|h| h.stop().expect("it runs"));
    reactor.run().expect("it runs again");
    assert_eq!(ran.get(), 1, "the crate's call that did nothing wrong");
}

#[test]
fn a_second_stop_and_a_second_run() {
    let mut reactor = pocket::reactor::Reactor::new().expect("a reactor");
    let h = reactor.handle();
    h.call_soon(|h| {
        h.stop();
        h.stop(); // returns nothing
    });
    reactor.run().expect("it runs");
    h.call_soon(|_| unreachable!("the second run runs nothing"));
    assert!(reactor.run().is_ok(), "the pocket says nothing of it");

    let mut reactor = reactor::Reactor::new(reactor::Sim::new(1));
    reactor.handle().call_soon(|h| {
        assert!(h.stop().is_ok());
        assert!(h.stop().is_err(), "the second stop is an error");
    });
    reactor.run().expect("it runs");
    assert!(reactor.run().is_err(), "the second run is an error");
}

#[test]
fn a_late_cancel() {
    let mut reactor = pocket::reactor::Reactor::new().expect("a reactor");
    let h = reactor.handle();
    let timer = h.call_later(Duration::ZERO, |h| h.stop());
    reactor.run().expect("it runs");
    h.cancel(timer); // returns nothing

    let mut reactor = reactor::Reactor::new(reactor::Sim::new(1));
    let call = reactor.handle().call_later(Duration::ZERO, |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs");
    assert!(call.cancel().is_err(), "too late is an error");
}

#[test]
fn an_hour() {
    // The pocket has the clock of the system and no other: this test would take an hour.
    let before = std::time::Instant::now();
    let mut reactor = reactor::Reactor::new(reactor::Sim::new(1));
    reactor.handle().call_later(HOUR, |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs");
    assert!(before.elapsed() < HOUR, "it took an hour");
}

#[test]
fn what_a_broken_promise_says() {
    let (resolver, promise) = pocket::deferred::Deferred::<u32>::new();
    drop(resolver);
    promise.on_result(|result| {
        let failure = result.expect_err("it is broken");
        assert!(!failure.is::<deferreds::Abandoned>());
        assert_eq!(failure.to_string(), "the promise was dropped", "a text, and no more");
    });

    let (resolver, promise) = deferreds::Deferred::<u32>::new();
    drop(resolver);
    let failure = promise.into_result().expect("it has fired").expect_err("it is broken");
    assert!(
        failure.check::<deferreds::Abandoned>().is_some(),
        "a type that an errback can ask for"
    );
}

/// Says when it is dropped.
struct Note(Rc<RefCell<Vec<&'static str>>>, &'static str);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

#[test]
fn cancelling() {
    let log = Rc::new(RefCell::new(Vec::new()));

    let mut reactor = pocket::reactor::Reactor::new().expect("a reactor");
    let (h, note) = (reactor.handle(), Note(log.clone(), "the work"));
    let nap = pocket::task::sleep(&h, HOUR);
    let work = pocket::task::Tasks::new(&h).expect("a pair of sockets").spawn(async move {
        nap.await;
        drop(note);
        Ok(())
    });
    let seen = log.clone();
    h.call_soon(move |h| {
        drop(work); // all that one can do
        h.call_soon(move |h| {
            seen.borrow_mut().push("turned");
            h.stop();
        });
    });
    reactor.run().expect("it runs");
    assert_eq!(
        log.take(),
        ["turned", "the work"],
        "the pocket's task ends with the loop and not before"
    );

    let mut reactor = reactor::Reactor::new(reactor::Sim::new(1));
    let (h, note) = (reactor.handle(), Note(log.clone(), "the work"));
    let nap = coroutines::sleep(&h, HOUR);
    let work = coroutines::spawn(&h, async move {
        nap.await;
        drop(note);
        Ok(())
    });
    let (canceller, seen) = (work.canceller(), log.clone());
    h.call_soon(move |h| {
        canceller.cancel();
        h.call_soon(move |h| {
            seen.borrow_mut().push("turned");
            h.stop().expect("it runs");
        });
    });
    reactor.run().expect("it runs");
    let end = work.into_result().expect("it has fired").expect_err("it was cancelled");
    assert!(end.check::<deferreds::Cancelled>().is_some());
    assert_eq!(log.take(), ["the work", "turned"], "the crate's task ends when it is cancelled");
}
