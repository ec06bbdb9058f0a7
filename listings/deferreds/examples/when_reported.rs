//! When a failure is reported: at the end of a chain to which no stage can be added any more.
use deferreds::{Deferred, Failure};
use std::fmt::Debug;
use trace::say;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

fn main() {
    let _recording = trace::start_from_env();
    tracing::subscriber::set_global_default(Printer).expect("there is no other");
    // ANCHOR: when
    say!("held, and dropped when it has failed");
    let (resolver, poem) = Deferred::<&str>::new();
    resolver.errback(Failure::new("the poem is lost"));
    say!("    failed");
    drop(poem);

    say!("dropped first");
    let (resolver, poem) = Deferred::<&str>::new();
    drop(poem);
    resolver.errback(Failure::new("the poem is lost"));
    say!("    failed");

    say!("held, and handled late");
    let (resolver, poem) = Deferred::<&str>::new();
    resolver.errback(Failure::new("the poem is lost"));
    say!("    failed");
    drop(poem.add_errback(|_| Ok("another poem")));

    say!("given to another chain, which is dropped");
    let lost = Deferred::<&str>::fail(Failure::new("the poem is lost"));
    drop(Deferred::succeed(()).add_callback(|()| lost));

    say!("kept for ever");
    let (resolver, poem) = Deferred::<&str>::new();
    resolver.errback(Failure::new("the poem is lost"));
    std::mem::forget(poem);
    // ANCHOR_END: when
}

/// Prints each error that is reported through `tracing`.
struct Printer;

impl Subscriber for Printer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }
    fn event(&self, event: &Event<'_>) {
        struct Message;
        impl Visit for Message {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                if field.name() == "failure" {
                    say!("    reported: {value:?}");
                }
            }
        }
        event.record(&mut Message);
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
