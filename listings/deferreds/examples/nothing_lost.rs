//! How a test asserts that a failure is reported, or that none is.
use deferreds::{Deferred, Failure};
use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};
use trace::say;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

// ANCHOR: test
fn main() {
    // A failure that is handled, by a stage that did its work.
    let lost = reported(|| {
        let poem = Deferred::fail(Failure::new("the poem is lost"));
        let shown = poem.add_errback(|_| Ok("another poem"));
        assert_eq!(shown.into_result().unwrap().unwrap(), "another poem");
    });
    assert!(lost.is_empty(), "{lost:?}");

    // One that is lost on purpose.
    let lost = reported(|| {
        let (resolver, poem) = Deferred::<&str>::new();
        drop(poem);
        resolver.errback(Failure::new("the poem is lost"));
    });
    assert_eq!(lost, ["the poem is lost"]);
    say!("both are as they should be");
}

/// The failures that were reported as unhandled while `f` ran.
fn reported(f: impl FnOnce()) -> Vec<String> {
    let failures = Failures::default();
    tracing::subscriber::with_default(failures.clone(), f);
    failures.0.lock().unwrap().clone()
}
// ANCHOR_END: test

/// Keeps the field `failure` of each error.
#[derive(Clone, Default)]
struct Failures(Arc<Mutex<Vec<String>>>);

impl Visit for Failures {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "failure" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

impl Subscriber for Failures {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
