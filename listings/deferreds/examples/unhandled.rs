//! A failure that no errback handled, and what is reported when its Deferred goes away.
use deferreds::{Deferred, Failure};
use std::fmt::{Debug, Write};
use trace::say;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

// ANCHOR: main
fn first_line(poem: &str) -> Result<String, Failure> {
    match poem.lines().next() {
        Some(line) => Ok(line.to_owned()),
        None => Err(Failure::new("the poem is empty")),
    }
}

fn main() {
    let _recording = trace::start_from_env();
    tracing::subscriber::set_global_default(Printer).expect("there is no other");

    let (resolver, poem) = Deferred::<&str>::new();
    let shown = poem.add_callback(first_line).add_callback(|line| {
        say!("{line}");
        Ok(())
    });
    say!("it fires");
    resolver.callback("");
    say!("it has fired");
    drop(shown);
    say!("it is gone");
}
// ANCHOR_END: main

// ANCHOR: printer
/// Prints each event of `tracing`, a field on each line.
struct Printer;

impl Subscriber for Printer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }
    fn event(&self, event: &Event<'_>) {
        let mut lines = Lines(String::new());
        event.record(&mut lines);
        say!("{}{}", event.metadata().level(), lines.0);
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Lines(String);

impl Visit for Lines {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, ": {value:?}"),
            name => write!(self.0, "\n    {name}: {value:?}"),
        };
    }
}
// ANCHOR_END: printer
