//! Debug mode: the stack with which a Deferred was made says who asked for it.
use deferreds::{Deferred, Failure, set_debug};
use std::fmt::Debug;
use trace::say;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

// ANCHOR: who
fn no_poem() -> Deferred<String> {
    let (resolver, poem) = Deferred::new();
    resolver.errback(Failure::new("the poem is lost"));
    poem
}

#[inline(never)]
fn morning() {
    let _ = no_poem();
}

#[inline(never)]
fn evening() {
    let _ = no_poem();
}

fn main() {
    tracing::subscriber::set_global_default(Printer).expect("there is no other");
    say!("without debug mode");
    morning();
    evening();
    say!("in debug mode");
    set_debug(true);
    morning();
    evening();
}
// ANCHOR_END: who

// ANCHOR: printer
/// Prints where it was made, and from the stack the lines of this program.
struct Printer;

impl Visit for Printer {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "made" => say!("    made: {value:?}"),
            "made_stack" => {
                for frame in format!("{value:?}").lines() {
                    if let Some((_, line)) = frame.split_once("examples/who_asked.rs:") {
                        say!(
                            "        called in line {}",
                            line.split(':').next().unwrap_or(line)
                        );
                    }
                }
            }
            _ => {}
        }
    }
}
// ANCHOR_END: printer

impl Subscriber for Printer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Printer);
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
