//! What happens to failures that no errback handles, and what is freed.
mod reported;

use deferreds::{Deferred, DeferredList, Failure, gather_results, race};
use reported::reported;
use std::rc::Rc;

#[test]
fn a_failure_nobody_handled_is_reported_once_with_its_places() {
    let (mut made, mut happened) = (0, 0);
    let lines = reported(|| {
        made = line!() + 1;
        let (resolver, d) = Deferred::<u32>::new();
        let d = d.add_callback(|n| Ok(n + 1)).add_callback(|n| Ok(n * 2));
        happened = line!() + 1;
        let failure = Failure::new("the poem is lost");
        resolver.errback(failure);
        drop(d);
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    let fired = happened + 1;
    for part in [
        "failure=the poem is lost".to_owned(),
        format!("happened=listings/deferreds/tests/unhandled.rs:{happened}:"),
        format!("made=listings/deferreds/tests/unhandled.rs:{made}:"),
        format!("fired=listings/deferreds/tests/unhandled.rs:{fired}:"),
    ] {
        assert!(lines[0].contains(&part), "{part} is not in {}", lines[0]);
    }
}

#[test]
fn it_does_not_matter_when_the_end_was_dropped() {
    let lines = reported(|| {
        let (resolver, d) = Deferred::<u32>::new();
        drop(d.add_callback(|n| Ok(n + 1)));
        resolver.errback(Failure::new("x"));
    });
    assert_eq!(lines.len(), 1);
}

#[test]
fn a_failure_that_moved_is_reported_once_on_the_outer() {
    let lines = reported(|| {
        let inner = Deferred::<u32>::fail(Failure::new("x"));
        drop(Deferred::succeed(()).add_callback(|()| inner));
    });
    assert_eq!(lines.len(), 1);
}

#[test]
fn handled_ones_values_and_ones_that_wait_are_silent() {
    let lines = reported(|| {
        drop(Deferred::<u32>::fail(Failure::new("x")).add_errback(|_| Ok(0)));
        drop(Deferred::succeed(1));
        let (resolver, d) = Deferred::<u32>::new();
        drop(d);
        std::mem::forget(resolver);
    });
    assert_eq!(lines, [""; 0]);
}

#[test]
fn a_recording_of_chains_has_no_fault() {
    let recording = trace::start(trace::Setup::default());
    let (resolver, inner) = Deferred::<u32>::new();
    let d = Deferred::succeed(1)
        .add_callback(|_| inner)
        .add_errback(|_| Ok(0))
        .add_callback(|_| Err::<u32, _>(Failure::new("x")));
    let canceller = d.canceller();
    let pause = d.pauser().pause();
    resolver.callback(2);
    drop(pause);
    canceller.cancel();
    drop(d);
    let text = recording.finish();
    let kinds = [
        "df.new",
        "df.add",
        "df.fire",
        "df.chain",
        "df.pause",
        "df.resume",
        "df.cancel",
        "df.drop",
        "cb.start",
        "cb.end",
    ];
    for kind in kinds {
        assert!(
            text.contains(&format!("\"k\":\"{kind}\"")),
            "no {kind} in\n{text}"
        );
    }
    assert!(text.contains("\"unhandled\":\"x\""), "{text}");
    let trace = trace::read::Trace::parse(&text).expect("a trace");
    let faults = trace.lint();
    assert!(faults.is_empty(), "{faults:?}\n{text}");
}

#[test]
fn a_future_that_is_dropped_reports_every_failure_but_cancelled() {
    use std::{
        pin::pin,
        task::{Context, Waker},
    };
    for polled in [false, true] {
        let awaited = |d: Deferred<u32>| {
            let mut future = d.into_future();
            if polled {
                let _ = pin!(&mut future).poll(&mut Context::from_waker(Waker::noop()));
            }
            future
        };
        let lines = reported(|| {
            let (_resolver, d) = Deferred::<u32>::new();
            drop(awaited(d));
        });
        assert_eq!(lines, [""; 0], "cancelled; polled: {polled}");
        let lines = reported(|| {
            let (_resolver, d) =
                Deferred::<u32>::with_canceller(|r| r.errback(Failure::new("stuck")));
            drop(awaited(d));
        });
        assert_eq!(lines.len(), 1, "answered; polled: {polled}");
        let lines = reported(|| {
            let (resolver, d) = Deferred::<u32>::new();
            let future = awaited(d);
            resolver.errback(Failure::new("too late"));
            drop(future);
        });
        assert_eq!(lines.len(), 1, "unread; polled: {polled}");
    }
}

fn three() -> (Vec<deferreds::Resolver<u32>>, Vec<Deferred<u32>>) {
    (0..3).map(|_| Deferred::new()).unzip()
}

/// Fires the second with a failure, the first with a value, and the third with another failure.
fn fire(resolvers: Vec<deferreds::Resolver<u32>>) {
    for (index, resolver) in resolvers.into_iter().enumerate().rev() {
        match index {
            0 => resolver.callback(0),
            _ => resolver.errback(Failure::new(format!("member {index}"))),
        }
    }
}

#[test]
fn failures_of_members_that_are_no_part_of_the_answer_are_reported() {
    let lines = reported(|| {
        let (resolvers, members) = three();
        let all = gather_results(members);
        fire(resolvers);
        drop(all.add_errback(|_| Ok(Vec::new())));
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("failure=member 1"), "{lines:?}");

    let lines = reported(|| {
        let (resolvers, members) = three();
        let first = DeferredList::new(members).fire_on_one_callback();
        fire(resolvers);
        drop(first);
    });
    assert_eq!(lines.len(), 2, "both failed before the first value");
}

#[test]
fn consume_errors_drops_the_failures_of_members() {
    let lines = reported(|| {
        let (resolvers, members) = three();
        let all = DeferredList::new(members)
            .consume_errors()
            .fire_on_one_errback();
        fire(resolvers);
        drop(all.add_errback(|_| Ok(Vec::new())));

        let (resolvers, members) = three();
        let first = DeferredList::new(members)
            .consume_errors()
            .fire_on_one_callback();
        fire(resolvers);
        drop(first);
    });
    assert_eq!(lines, [""; 0]);
}

#[test]
fn a_list_of_all_results_leaves_no_failure_over() {
    let lines = reported(|| {
        let (resolvers, members) = three();
        let all = DeferredList::new(members).all();
        fire(resolvers);
        drop(all);
    });
    assert_eq!(lines, [""; 0], "they are in the answer");
}

#[test]
fn members_that_the_list_itself_cancels_are_not_reported() {
    let lines = reported(|| {
        let (_resolvers, members) = three();
        let all = gather_results(members);
        all.canceller().cancel();
        drop(all.add_errback(|_| Ok(Vec::new())));
        let (mut resolvers, members) = three();
        let first = race(members);
        resolvers.remove(1).callback(1);
        drop(first);
    });
    assert_eq!(lines, [""; 0]);
}

#[test]
fn the_failure_of_a_cancelled_one_does_not_wait_for_its_resolver_to_go() {
    let value = Rc::new(());
    let mut kept = Vec::new();
    let mut reports = Vec::new();
    for dropped_first in [false, true] {
        reports.push(reported(|| {
            let (resolver, d) = Deferred::<u32>::new();
            let canceller = d.canceller();
            let d = (!dropped_first).then_some(d);
            canceller.cancel();
            drop(d);
            kept.push(resolver);
        }));
    }
    let counts: Vec<_> = reports.iter().map(Vec::len).collect();
    assert_eq!(counts, [1, 1], "{reports:?}");

    let instead = value.clone();
    let (_kept, d) = Deferred::with_canceller(move |second| second.callback(instead));
    d.canceller().cancel();
    drop(d);
    assert_eq!(Rc::strong_count(&value), 1);
}
