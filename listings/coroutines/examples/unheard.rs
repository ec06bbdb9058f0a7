//! A failure that no code waits for: reported when it is a Deferred's, lost when it is a future's.
use coroutines::{run, spawn};
use deferreds::{Deferred, Failure};
use std::{fmt::Debug, process::ExitCode};
use trace::say;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

// ANCHOR: main
async fn lost() -> Result<(), Failure> {
    say!("    it runs");
    Err(Failure::new("the poem is lost"))
}

fn main() -> ExitCode {
    tracing::subscriber::set_global_default(Printer).expect("there is no other");
    run(|reactor| async move {
        say!("a Deferred, dropped");
        drop(Deferred::<()>::fail(Failure::new("the poem is lost")));

        say!("a task, let go");
        drop(spawn(&reactor, lost()));
        coroutines::yield_now().await;

        say!("a future, awaited, and its result is let go");
        let _ = lost().await;

        say!("a future, dropped");
        drop(lost());
        Ok(())
    })
}
// ANCHOR_END: main

/// Prints each failure that is reported through `tracing`.
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
