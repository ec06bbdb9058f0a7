//! Three services, started in order and stopped in reverse; one of them takes its time, another one
//! too much of it.
use applications::{Service, Services};
use deferreds::{Deferred, Failure, defer_later};
use reactor::{Handle, react};
use std::{process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: takes
/// Says when it starts and stops. Its stop takes a while, or for ever.
struct Takes(&'static str, Option<Duration>);

impl Service for Takes {
    fn name(&self) -> &str {
        self.0
    }
    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        say!("{:.1}: {} starts", reactor.now(), self.0);
        Ok(())
    }
    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        say!("{:.1}: {} is told to stop", reactor.now(), self.0);
        let (name, clock) = (self.0, reactor.clone());
        let stopped = self.1.map_or_else(
            || {
                let (never, stopped) = Deferred::new();
                std::mem::forget(never); // it will never fire
                stopped
            },
            |time| defer_later(reactor, time, |_| Ok(())),
        );
        stopped.add_callback(move |()| {
            say!("{:.1}: {name} has stopped", clock.now());
            Ok(())
        })
    }
}
// ANCHOR_END: takes

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let services = Services::new("all", Duration::from_secs(2));
        services.add(Rc::new(Takes("the store", Some(Duration::ZERO))));
        services.add(Rc::new(Takes("the mailer", None)));
        services.add(Rc::new(Takes("the server", Some(Duration::from_secs(1)))));
        services.start(reactor)?;
        let (all, clock) = (Rc::clone(&services), reactor.clone());
        reactor.call_later(Duration::from_secs(1), move |reactor| {
            all.stop(reactor).on_result(move |result| {
                match result {
                    Ok(()) => say!("{:.1}: all have stopped", clock.now()),
                    Err(failure) => say!("{:.1}: {failure}", clock.now()),
                }
                drop(done);
            });
        });
        Ok::<(), Failure>(())
    })
}
// ANCHOR_END: main
