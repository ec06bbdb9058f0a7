//! A program of services: what `main` returns.
use crate::{Service, Services};
use deferreds::{Failure, before_shutdown};
use reactor::{Handle, react};
use std::{process::ExitCode, rc::Rc, time::Duration};

/// How long each service may take for its stop.
const LIMIT: Duration = Duration::from_secs(10);

/// Runs the services that `make` adds, until the program is told to stop: by SIGINT, SIGTERM, or
/// [`Handle::stop`]. They are stopped in reverse then, and waited for.
///
/// The exit code is 0; 1 when a service cannot start, and the error is printed; 128 and the number
/// of the signal when one stopped the program, as [`react`] has it.
///
/// ```no_run
/// use applications::{Endpoint, Serving, run};
/// # use deferreds::Failure;
/// # use std::rc::Rc;
/// # use transports::{Address, Protocol, Transport};
/// # struct Echo;
/// # impl Protocol for Echo {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
/// fn main() -> std::process::ExitCode {
///     run(|_, services| {
///         let endpoint: Endpoint = "tcp:4080".parse()?;
///         services.add(Serving::new("echo", endpoint, Rc::new(|_: &Address| Echo)));
///         Ok(())
///     })
/// }
/// ```
// ANCHOR: run
pub fn run(make: impl FnOnce(&Handle, &Services) -> Result<(), Failure> + 'static) -> ExitCode {
    react(move |reactor, done| {
        let services = Services::new("the application", LIMIT);
        make(reactor, &services)?;
        services.start(reactor)?;
        let stops = Rc::clone(&services);
        before_shutdown(reactor, move |reactor| stops.stop(reactor));
        // The program ends when it is told to, not when `main` has nothing more to do.
        reactor.after_shutdown(move |_| drop(done));
        Ok::<(), Failure>(())
    })
}
// ANCHOR_END: run
