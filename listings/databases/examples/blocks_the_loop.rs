//! How often a loop turns while PostgreSQL works: asked in a callback, in a thread, and without
//! waiting.
use databases::{BlockingConnection, Server, ServerError, connect, in_thread};
use deferreds::{Deferred, looping_call_later, react};
use reactor::Handle;
use std::{cell::Cell, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

const SLOW: &str = "SELECT pg_sleep(0.3)";

// ANCHOR: measure
/// Counts the ticks of a clock, 10 ms each, from the question to its answer.
fn ticks<T: 'static>(
    reactor: &Handle,
    what: &'static str,
    ask: impl FnOnce(&Handle) -> Deferred<T>,
) -> Deferred<()> {
    let ticks = Rc::new(Cell::new(0));
    let counts = Rc::clone(&ticks);
    let (clock, _end) = looping_call_later(reactor, Duration::from_millis(10), move |_, _| {
        counts.set(counts.get() + 1);
        Ok(())
    });
    ask(reactor).add_callback(move |_| {
        say!("{what}: {} ticks", ticks.get());
        clock.stop();
        Ok(())
    })
}
// ANCHOR_END: measure

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::find()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        let reactor = reactor.clone();
        // ANCHOR: three
        let (first, second, third) = (settings.clone(), settings.clone(), settings);
        let in_callback = ticks(&reactor, "in a callback", |_| {
            Deferred::ready((|| {
                let mut connection = BlockingConnection::new(&first)?;
                connection.query(SLOW, &[]) // the loop stands still
            })())
        });
        let (again, last) = (reactor.clone(), reactor.clone());
        let threaded = in_callback.add_callback(move |()| {
            ticks(&again, "in a thread", |reactor| {
                in_thread(reactor, &second, |connection| {
                    connection.query(SLOW, &[])?;
                    Ok(())
                })
            })
        });
        threaded.add_callback(move |()| {
            ticks(&last, "without waiting", |reactor| {
                connect(reactor, &third).add_callback(|connection| connection.query(SLOW, &[]))
            })
        })
        // ANCHOR_END: three
    }))
}
