//! What the recording says of sockets, waits, locks and awaits: which line asked, what was at
//! the other end, and why it ended.
use coroutines::{block_on, sleep, spawn, yield_now};
use deferreds::{Deferred, Lock, Semaphore};
use reactor::{Address, Handle, Id, Reactor, Readiness, Sim, Source};
use std::{cell::Cell, future::Future, pin::pin, rc::Rc, thread, time::Duration};
use trace::{
    Kind,
    read::{Event, Trace},
};

const MS: Duration = Duration::from_millis(1);

fn recorded(program: impl FnOnce(&mut Reactor)) -> Trace {
    let recording = trace::start(trace::Setup::default());
    let mut reactor = Reactor::new(Sim::new(1));
    program(&mut reactor);
    drop(reactor);
    let trace = Trace::parse(&recording.finish()).unwrap();
    assert_eq!(trace.lint(), []);
    trace
}

fn all(trace: &Trace, kind: Kind) -> Vec<&Event> {
    let of_kind = |event: &&Event| event.is(kind);
    trace.events.iter().filter(of_kind).collect()
}

/// The line of this file at which an event was asked for; 0 when it is elsewhere or unknown.
fn line(trace: &Trace, event: &Event) -> u32 {
    let here = |site: &&trace::read::Site| site.0.ends_with("coroutines/tests/recorded.rs");
    trace.site(event).filter(here).map_or(0, |site| site.1)
}

fn texts<'t>(events: &[&'t Event], key: &str) -> Vec<Option<&'t str>> {
    events.iter().map(|event| event.text(key)).collect()
}

/// Accepts one connection, writes down at which lines it asked for what, and answers the end by its
/// own.
#[derive(Default)]
struct Server {
    stream: Cell<Option<Id>>,
    lines: [Cell<u32>; 3],
}

impl Source for Server {
    fn ready(self: Rc<Self>, h: &Handle, id: Id, _: Readiness) {
        let [accepts, reads, closes] = &self.lines;
        if self.stream.get().is_none() {
            accepts.set(line!() + 1);
            let (stream, _) = h.accept(id).unwrap();
            self.stream.set(Some(stream));
            return h.register(stream, self.clone());
        }
        let mut buffer = [0; 64];
        reads.set(line!() + 1);
        while let Ok(count) = h.read(id, &mut buffer) {
            if count == 0 {
                closes.set(line!() + 1);
                return h.close(id, false);
            }
        }
    }
}

#[test]
fn every_call_says_where_it_was_asked_for() {
    let server = Rc::new(Server::default());
    let mut lines = [0; 6];
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        let at = Address::loopback(4080);
        let listener = h.listen(&at).unwrap();
        lines[0] = line!() + 1;
        h.register(listener, server.clone());
        lines[1] = line!() + 1;
        let client = h.connect(&at).unwrap();
        for _ in 0..3 {
            reactor.turn(Some(MS)).unwrap();
        }
        lines[2] = line!() + 1;
        h.finish_connect(client).unwrap();
        lines[3] = line!() + 1;
        h.write(client, b"Gather ye").unwrap();
        lines[4] = line!() + 1;
        h.shutdown(client).unwrap();
        for _ in 0..4 {
            reactor.turn(Some(2 * MS)).unwrap();
        }
        lines[5] = line!() + 1;
        h.forget(listener);
    });
    let [accepts, reads, closes] = server.lines.each_ref().map(Cell::get);
    let told = |kind| -> Vec<u32> {
        let events = all(&trace, kind);
        events.iter().map(|event| line(&trace, event)).collect()
    };
    assert_eq!(told(Kind::IoWatch)[0], lines[0]);
    assert_eq!(told(Kind::ConnOpen)[1], lines[1]);
    assert_eq!(told(Kind::ConnMade), [accepts, lines[2]]);
    assert_eq!(told(Kind::DataOut), [lines[3], lines[4]]);
    assert_eq!(told(Kind::DataIn), [reads, reads]);
    assert_eq!(told(Kind::ConnLost), [closes]);
    assert_eq!(told(Kind::IoForget), [lines[5]]);
}

#[test]
fn the_two_ends_of_a_connection_know_each_other() {
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        let at = Address::loopback(4080);
        let servers = [Rc::new(Server::default()), Rc::new(Server::default())];
        let listener = h.listen(&at).unwrap();
        h.register(listener, servers[0].clone());
        let first = h.connect(&at).unwrap();
        reactor.turn(Some(2 * MS)).unwrap();
        // The listener has been used before: the second one is not the first one's doing.
        h.register(listener, servers[1].clone());
        let second = h.connect(&at).unwrap();
        reactor.turn(Some(2 * MS)).unwrap();
        reactor.turn(Some(2 * MS)).unwrap();
        let _ = (first, second);
    });
    let opened: Vec<&Event> = all(&trace, Kind::ConnOpen);
    let asked: Vec<&&Event> = opened.iter().filter(|e| e.text("to").is_some()).collect();
    let made = all(&trace, Kind::ConnMade);
    assert_eq!(made.len(), 2, "{made:#?}");
    for (made, asked) in made.iter().zip(asked) {
        assert_eq!(made.text("other"), asked.object.as_deref());
        assert_eq!(made.causes, [asked.number]);
        let ready = trace.event(made.parent.unwrap()).unwrap();
        assert_eq!(ready.causes, [asked.number], "the listener's own cause");
    }
}

#[test]
fn a_loss_says_who_ended_the_connection_first() {
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        let at = Address::loopback(4080);
        let listener = h.listen(&at).unwrap();
        let turns = |reactor: &mut Reactor| {
            for _ in 0..4 {
                reactor.turn(Some(2 * MS)).unwrap();
            }
        };
        // c1 closes, its other end c2 answers; c3 says that nothing more comes, and closes after
        // its other end c4; c5 throws its connection away, c6 reads of it; c7 is refused.
        for how in 0..3 {
            h.register(listener, Rc::new(Server::default()));
            let client = h.connect(&at).unwrap();
            turns(reactor);
            match how {
                0 => h.close(client, false),
                1 => h.shutdown(client).unwrap(),
                _ => h.close(client, true),
            }
            turns(reactor);
            h.close(client, false);
        }
        let refused = h.connect(&Address::loopback(9)).unwrap();
        turns(reactor);
        h.finish_connect(refused).unwrap_err();
        h.close(refused, false);
    });
    let told: Vec<String> = all(&trace, Kind::ConnLost)
        .iter()
        .map(|event| {
            let (object, by) = (event.object.as_deref().unwrap(), event.text("by").unwrap());
            let more = ["reset", "error"].map(|key| if event.flag(key) { key } else { "" });
            format!("{object} {by} {}", more.concat())
                .trim_end()
                .to_owned()
        })
        .collect();
    let expected = [
        "c1 us",
        "c2 peer",
        "c4 peer",
        "c3 us",
        "c5 us reset",
        "c6 peer error",
        "c7 network error",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_wait_says_why_it_ended_and_for_whom() {
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        h.call_soon(|_| {});
        reactor.turn(Some(MS)).unwrap(); // there is work, and more after it: it does not wait
        h.call_soon(|h| h.call_soon(|_| {}));
        reactor.turn(Some(MS)).unwrap();
        reactor.turn(Some(MS)).unwrap(); // for want of time
        h.call_later(5 * MS, |_| {});
        let timer = h.call_later(3 * MS, |_| {});
        reactor.turn(None).unwrap(); // the timer
        assert!(timer.active());
        reactor.turn(Some(Duration::ZERO)).unwrap();
        assert!(!timer.active());
        let at = Address::loopback(4080);
        let listener = h.listen(&at).unwrap();
        h.register(listener, Rc::new(Server::default()));
        h.connect(&at).unwrap();
        reactor.turn(None).unwrap(); // the connection
        let remote = h.remote();
        thread::spawn(move || remote.call(|_| {})).join().unwrap();
        reactor.turn(None).unwrap(); // it looks into the mailbox first
    });
    let woke = all(&trace, Kind::TurnWoke);
    let told: Vec<(&str, Option<&str>)> = woke
        .iter()
        .map(|event| (event.text("by").unwrap(), event.text("on")))
        .collect();
    assert!(told.contains(&("timer", Some("t2"))), "{told:?}");
    assert!(told.contains(&("io", Some("l1"))), "{told:?}");
    assert!(told.contains(&("limit", None)), "{told:?}");
    let of = |by: &str| {
        *woke
            .iter()
            .find(|event| event.text("by") == Some(by))
            .unwrap()
    };
    let cause = |event: &Event| trace.event(event.causes[0]).unwrap();
    assert!(cause(of("timer")).is(Kind::TimerSet));
    assert!(cause(of("io")).is(Kind::ConnOpen));
    // A turn that had work has nothing to say of its wait.
    let second = trace.events.iter().filter(|event| event.turn == 2);
    assert!(!second.clone().any(|event| event.is(Kind::TurnWoke)));
    assert!(second.count() > 0);
}

#[test]
fn a_thread_that_calls_ends_a_wait() {
    let recording = trace::start(trace::Setup::default());
    let mut reactor = Reactor::new(reactor::Os::new().unwrap());
    let h = reactor.handle();
    let remote = h.remote();
    let thread = thread::spawn(move || {
        thread::sleep(20 * MS);
        remote.call(|h| h.stop().unwrap());
    });
    h.call_later(Duration::from_secs(60), |h| h.stop().unwrap());
    reactor.run().unwrap();
    thread.join().unwrap();
    drop(reactor);
    let trace = Trace::parse(&recording.finish()).unwrap();
    assert_eq!(trace.lint(), []);
    let woke = all(&trace, Kind::TurnWoke);
    assert!(texts(&woke, "by").contains(&Some("thread")), "{woke:#?}");
}

#[test]
fn a_task_that_waits_says_where_it_stands() {
    let mut lines = [0; 4];
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        let (resolver, poem) = Deferred::<u32>::new();
        h.call_later(5 * MS, |_| resolver.callback(1));
        let lines = &mut lines;
        block_on(reactor, async {
            lines[0] = line!() + 1;
            sleep(&h, MS).await;
            lines[1] = line!() + 1;
            poem.await?;
            lines[2] = line!() + 1;
            yield_now().await;
            let (long, short) = (pin!(sleep(&h, 9 * MS)), pin!(sleep(&h, MS)));
            let either = coroutines::select(long, short);
            // Of two that it waits for, the one that was asked last.
            lines[3] = line!() - 3;
            either.await;
            Ok(())
        })
        .unwrap();
    });
    let waits = all(&trace, Kind::TaskWait);
    let told: Vec<u32> = waits.iter().map(|event| line(&trace, event)).collect();
    assert_eq!(told, lines);
    for event in waits {
        assert!(
            trace
                .event(event.parent.unwrap())
                .unwrap()
                .is(Kind::TaskPoll)
        );
    }
}

/// Not ready, and says nothing.
struct Silent;

impl Future for Silent {
    type Output = ();
    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        std::task::Poll::Pending
    }
}

#[test]
fn a_future_that_does_not_say_where_it_stands_is_no_other_one() {
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        drop(spawn(&h.clone(), async move {
            sleep(&h, MS).await;
            Silent.await;
            Ok(())
        }));
        for _ in 0..4 {
            reactor.turn(Some(MS)).unwrap();
        }
    });
    let waits = all(&trace, Kind::TaskWait);
    assert_eq!(waits.len(), 2);
    assert_ne!(line(&trace, waits[0]), 0);
    assert_eq!(line(&trace, waits[1]), 0);
    assert!(
        trace
            .events
            .last()
            .is_some_and(|event| event.is(Kind::RunEnd))
    );
}

fn lock_story(trace: &Trace) -> Vec<String> {
    let family = [Kind::LockJoin, Kind::LockEnter, Kind::LockLeave];
    let events = trace.events.iter();
    let of_locks = events.filter(|event| family.iter().any(|kind| event.is(*kind)));
    of_locks
        .map(|event| {
            let (what, lock) = (&event.kind["lock.".len()..], event.object.as_deref());
            format!(
                "{what} {} {}",
                lock.unwrap(),
                event.text("who").unwrap_or("-")
            )
        })
        .collect()
}

#[test]
fn a_lock_says_who_joins_enters_and_leaves() {
    let mut first_line = 0;
    let trace = recorded(|_| {
        let (one, two) = (Lock::new(), Semaphore::new(2));
        first_line = line!() + 1;
        let first = one.acquire().into_result().unwrap().unwrap();
        let second = one.acquire();
        let third = one.acquire();
        third.canceller().cancel();
        drop(third.add_both(|_| Ok(())));
        drop(first);
        drop(second);
        let held = two.try_acquire();
        drop(held);
    });
    let mut told = lock_story(&trace);
    told.retain(|what| what.contains("m1"));
    let expected = [
        "enter m1 d1",
        "join m1 d2",
        "join m1 d3",
        "leave m1 d3", // cancelled: it gives up its place
        "leave m1 d1",
        "enter m1 d2",
        "leave m1 d2",
    ];
    assert_eq!(told, expected);
    let enters = all(&trace, Kind::LockEnter);
    assert_eq!(line(&trace, enters[0]), first_line);
    assert_eq!(enters[0].count("size"), Some(1));
    let of_two = enters
        .iter()
        .find(|event| event.object.as_deref() == Some("m2"));
    assert_eq!(of_two.unwrap().count("size"), Some(2));
}

#[test]
fn a_lock_that_is_older_than_the_recording_harms_nothing() {
    let lock = Lock::new();
    let before = lock.try_acquire().unwrap();
    let waiting = lock.acquire();
    let trace = recorded(|_| {
        drop(before);
        drop(waiting);
        drop(lock.acquire());
    });
    assert!(!lock.is_locked());
    assert_eq!(lock_story(&trace), [""; 0]);
}

#[test]
fn whoever_cancels_and_pauses_says_where() {
    let mut lines = [0; 2];
    let trace = recorded(|_| {
        let (_resolver, poem) = Deferred::<u32>::new();
        lines[0] = line!() + 1;
        let pause = poem.pauser().pause();
        drop(pause);
        lines[1] = line!() + 1;
        poem.canceller().cancel();
        drop(poem.add_errback(|_| Ok(0)));
    });
    let told = [Kind::DfPause, Kind::DfCancel].map(|kind| line(&trace, all(&trace, kind)[0]));
    assert_eq!(told, lines);
}
