//! What happens to failures that nobody handles, and what is freed: TWISTED's Deferred row 12.
use deferreds::{Deferred, Failure};
use std::{
    cell::Cell,
    fmt::Write,
    rc::Rc,
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Keeps every event as one line of `field=value`.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        self.0.lock().expect("no test panics here").push(fields.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// What is reported while `f` runs.
fn reported(f: impl FnOnce()) -> Vec<String> {
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), f);
    let lines = lines.0.lock().expect("no test panics here");
    lines.clone()
}

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

/// Counts itself while it lives.
struct Counted(Rc<Cell<i32>>);

impl Counted {
    fn new(alive: &Rc<Cell<i32>>) -> Counted {
        alive.set(alive.get() + 1);
        Counted(alive.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A chain with everything: values, captured things, a canceller, an inner one.
fn full(alive: &Rc<Cell<i32>>) -> (Vec<deferreds::Resolver<Counted>>, Deferred<Counted>) {
    let in_undo = Counted::new(alive);
    let (first, d) = Deferred::with_canceller(move |_| drop(in_undo));
    let (second, inner) = Deferred::<Counted>::new();
    let in_stage = Counted::new(alive);
    let in_errback = Counted::new(alive);
    let d = d
        .add_callback(move |_: Counted| {
            drop(in_stage);
            inner
        })
        .add_callback(Ok)
        .add_errback(move |_| {
            Ok(Counted(in_errback.0.clone())).inspect(|c: &Counted| {
                c.0.set(c.0.get() + 1);
            })
        });
    (vec![first, second], d)
}

#[test]
fn everything_is_freed_whatever_happens_to_it() {
    for way in 0..7 {
        let alive = Rc::new(Cell::new(0));
        let (mut resolvers, d) = full(&alive);
        assert_eq!(alive.get(), 3);
        let second = resolvers.pop().expect("two");
        let first = resolvers.pop().expect("two");
        match way {
            0 => drop((first, second, d)),
            1 => drop((d, second, first)),
            2 => {
                first.callback(Counted::new(&alive));
                second.callback(Counted::new(&alive));
                drop(d);
            }
            3 => {
                second.callback(Counted::new(&alive));
                first.callback(Counted::new(&alive));
                drop(d);
            }
            4 => {
                d.canceller().cancel();
                first.callback(Counted::new(&alive));
                drop((d, second));
            }
            5 => {
                first.callback(Counted::new(&alive));
                d.canceller().cancel();
                drop((d, second));
            }
            _ => {
                let pause = d.pauser().pause();
                first.callback(Counted::new(&alive));
                drop(d);
                drop(pause);
                drop(second);
            }
        }
        assert_eq!(alive.get(), 0, "way {way}");
    }
}

#[test]
fn a_loop_of_waits_keeps_only_its_last_round() {
    // Each round's stage waits for a round that is made only then, as a program that asks again and again does.
    fn round(
        next: Rc<Cell<Option<deferreds::Resolver<()>>>>,
        alive: Rc<Cell<i32>>,
    ) -> Deferred<u32> {
        let (resolver, d) = Deferred::new();
        let counted = Counted::new(&alive);
        next.set(Some(resolver));
        d.add_callback(move |()| {
            let _counted = &counted;
            round(next, alive)
        })
    }
    let (next, alive) = (Rc::new(Cell::new(None)), Rc::new(Cell::new(0)));
    let end = round(next.clone(), alive.clone()).add_callback(|n| Ok(n + 1));
    for _ in 0..1_000 {
        next.take().expect("the next round").callback(());
        assert_eq!(alive.get(), 1);
        assert_eq!(
            Rc::strong_count(&alive),
            3,
            "this one, the stage's and its counter's"
        );
    }
    end.canceller().cancel();
    assert!(end.into_result().is_ok());
    drop(next.take());
    assert_eq!(alive.get(), 0);
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
