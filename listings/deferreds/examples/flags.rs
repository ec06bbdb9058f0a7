//! What Twisted's flags are here: the first value or the first end, while the others go on.
use deferreds::{Deferred, DeferredList, Failure};
use poetry::{Fault, Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{fmt::Debug, io, process::ExitCode, time::Duration};
use trace::say;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

const NAMES: [&str; 5] = ["requiem", "wind", "tyger", "hope", "ozymandias"];

fn main() -> ExitCode {
    tracing::subscriber::set_global_default(Printer).expect("there is no other");
    react(|reactor, done| {
        let servers = serve(reactor)?;
        // ANCHOR: flags
        let five = |loud: bool| -> Vec<Deferred<usize>> {
            let fetch = |(server, name): (&Address, &'static str)| {
                let (clock, done) = (reactor.clone(), done.clone());
                get_poem(reactor, server)
                    .add_errback(move |_| Err::<String, _>(Failure::new(format!("{name} is lost"))))
                    .add_callback(move |poem| {
                        if loud {
                            say!("{:.1}: {name} has come", clock.now());
                        }
                        drop(done);
                        Ok(poem.len())
                    })
            };
            servers.iter().zip(NAMES).map(fetch).collect()
        };

        let clock = reactor.clone();
        let _first_value = DeferredList::new(five(true))
            .fire_on_one_callback()
            .add_callback(move |(index, bytes)| {
                say!(
                    "{:.1}: one callback: {}, {bytes} bytes",
                    clock.now(),
                    NAMES[index]
                );
                Ok(())
            });

        let clock = reactor.clone();
        let _first_end = DeferredList::new(five(false))
            .consume_errors()
            .fire_on_one_result()
            .add_errback(move |failure| {
                say!("{:.1}: one result: {failure}", clock.now());
                Ok((0, 0))
            });
        // ANCHOR_END: flags
        Ok::<(), io::Error>(())
    })
}

/// The fourth one resets its connection half-way.
fn serve(reactor: &Handle) -> io::Result<Vec<Address>> {
    let mut servers = Vec::new();
    for name in NAMES {
        let options = Options {
            poems: Poem::named(name).into_iter().collect(),
            pace: Pace::new(50, Duration::from_millis(100)),
            fault: if name == "hope" {
                Fault::Reset
            } else {
                Fault::None
            },
            ..Options::default()
        };
        servers.push(Recital::start(reactor, options)?.addresses()[0].clone());
    }
    Ok(servers)
}

/// Prints each failure that is reported through `tracing`.
struct Printer;

impl Visit for Printer {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "failure" {
            say!("reported: {value:?}");
        }
    }
}

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
