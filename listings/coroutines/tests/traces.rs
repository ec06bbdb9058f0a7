//! What the recording says of tasks.
use coroutines::{block_on, sleep, spawn, yield_now};
use deferreds::Failure;
use reactor::{Reactor, Sim};
use std::{
    cell::Cell,
    future::{pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    task::Poll,
    thread,
    time::Duration,
};
use trace::read::Trace;

fn recorded(program: impl FnOnce(&mut Reactor)) -> Trace {
    let recording = trace::start(trace::Setup::default());
    let mut reactor = Reactor::new(Sim::new(1));
    program(&mut reactor);
    drop(reactor);
    let trace = Trace::parse(&recording.finish()).unwrap();
    assert_eq!(trace.lint(), []);
    trace
}

/// The kinds of the events about `object`.
fn story(trace: &Trace, object: &str) -> Vec<String> {
    let events = trace.events.iter();
    events
        .filter(|event| event.object.as_deref() == Some(object))
        .map(|event| event.kind.clone())
        .collect()
}

#[test]
fn a_task_is_spawned_polled_woken_polled_and_dropped() {
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        drop(spawn(&h.clone(), async move {
            sleep(&h, Duration::from_secs(1)).await;
            Ok(())
        }));
        for _ in 0..3 {
            reactor.turn(Some(Duration::from_secs(1))).unwrap();
        }
    });
    let task = [
        "task.spawn",
        "task.poll",
        "task.wait",
        "task.wake",
        "task.poll",
        "task.drop",
    ];
    assert_eq!(story(&trace, "k1"), task);
    let events = |kind| trace.events.iter().filter(move |event| event.kind == kind);
    // The timer wakes it, and the wake is why it is polled.
    let (fire, wake) = (
        events("timer.fire").next().unwrap(),
        events("task.wake").next().unwrap(),
    );
    assert_eq!(wake.parent, Some(fire.number));
    let second = events("task.poll").nth(1).unwrap();
    assert_eq!(second.causes, [wake.number]);
    // The Deferred fires inside the poll, after the future is gone.
    let fired = events("df.fire").next().unwrap();
    assert_eq!(fired.parent, Some(second.number));
    assert!(events("task.drop").next().unwrap().number < fired.number);
}

#[test]
fn a_yield_is_a_wake_inside_of_the_poll() {
    let trace = recorded(|reactor| {
        block_on(reactor, async {
            yield_now().await;
            Ok(())
        })
        .unwrap();
        drop(spawn(&reactor.handle(), async {
            yield_now().await;
            Ok(())
        }));
        for _ in 0..3 {
            reactor.turn(Some(Duration::ZERO)).unwrap();
        }
    });
    let task = [
        "task.spawn",
        "task.poll",
        "task.wake",
        "task.wait",
        "task.poll",
        "task.drop",
    ];
    assert_eq!(story(&trace, "k1"), task);
    assert_eq!(story(&trace, "k2"), task);
    // Where it stands is no reason to poll it: its wake is.
    let again = |event: &&trace::read::Event| event.kind == "task.poll" && event.causes.len() == 1;
    let causes = trace.events.iter().filter(again);
    let kinds: Vec<&str> = causes
        .map(|event| trace.event(event.causes[0]).unwrap().kind.as_str())
        .collect();
    assert_eq!(
        kinds,
        ["task.spawn", "task.wake", "task.spawn", "task.wake"]
    );
}

#[test]
fn why_a_task_is_gone_stands_in_its_drop() {
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        let cancelled = spawn(&h, pending::<Result<(), _>>());
        let dropped = spawn(&h, pending::<Result<(), _>>());
        let done = spawn(&h, async { Ok(()) });
        reactor.turn(Some(Duration::ZERO)).unwrap();
        cancelled.canceller().cancel();
        drop((
            done,
            cancelled.add_errback(|_| Ok(())),
            dropped.add_errback(|_| Ok(())),
        ));
    });
    let drops: Vec<_> = trace
        .events
        .iter()
        .filter(|event| event.kind == "task.drop")
        .map(|event| {
            (
                event.object.clone().unwrap(),
                event.attributes["why"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let expected = [("k3", "done"), ("k1", "cancelled"), ("k2", "dropped")];
    assert_eq!(
        drops,
        expected.map(|(object, why)| (object.to_owned(), why.to_owned()))
    );
}

#[test]
fn a_wake_from_another_thread_while_it_is_polled_is_not_the_polls_own() {
    let trace = recorded(|reactor| {
        let h = reactor.handle();
        let polls = Rc::new(Cell::new(0));
        let task = poll_fn(move |context| {
            polls.set(polls.get() + 1);
            let waker = context.waker().clone();
            match polls.get() {
                1 => h.call_soon(move |_| waker.wake()),
                2 => thread::spawn(move || waker.wake()).join().unwrap(),
                _ => return Poll::Ready(Ok::<(), Failure>(())),
            }
            Poll::Pending
        });
        drop(spawn(&reactor.handle(), task));
        for _ in 0..3 {
            reactor.turn(Some(Duration::ZERO)).unwrap();
        }
    });
    let events = |kind| trace.events.iter().filter(move |event| event.kind == kind);
    let polls: Vec<_> = events("task.poll").map(|event| event.number).collect();
    let wakes: Vec<_> = events("task.wake").collect();
    assert_eq!((polls.len(), wakes.len()), (3, 2));
    assert!(
        wakes[1]
            .parent
            .is_none_or(|parent| !polls.contains(&parent))
    );
}

#[test]
fn a_task_is_dropped_once_also_when_a_stage_of_its_deferred_panics() {
    let trace = recorded(|reactor| {
        let task = spawn(&reactor.handle(), async { Ok(()) });
        drop(task.add_callback(|()| -> Result<(), Failure> { panic!("a bug") }));
        let turn = AssertUnwindSafe(|| reactor.turn(Some(Duration::ZERO)));
        catch_unwind(turn).unwrap_err();
    });
    assert_eq!(
        story(&trace, "k1"),
        ["task.spawn", "task.poll", "task.drop"]
    );
}
