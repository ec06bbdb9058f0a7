//! How a program begins: the world that the environment names, and an exit code at the end.
#[cfg(not(target_family = "wasm"))]
use crate::Os;
use crate::{Handle, Hold, Located, Reactor, RunError, Sim, explain};
use std::{cell::Cell, env, error::Error, fmt, io, io::Write, process::ExitCode};

impl Reactor {
    /// Returns a reactor on the world that `UNTWISTED_WORLD` names: `sim:SEED[,knob=value…]` (see
    /// [`Knobs`](crate::Knobs)), or the operating system when it is `os`, empty or not set. If
    /// `UNTWISTED_TRACE` names a file, the run is recorded, and written there when the reactor is
    /// dropped.
    ///
    /// ```
    /// use reactor::Reactor;
    /// let mut reactor = Reactor::from_env()?;
    /// reactor.handle().call_soon(|h| h.stop().unwrap());
    /// reactor.run()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` when `UNTWISTED_WORLD` is not understood; the errors of [`Os::new`].
    pub fn from_env() -> io::Result<Reactor> {
        let recording = trace::start_from_env();
        let name = env::var("UNTWISTED_WORLD").unwrap_or_default();
        let mut reactor = match name.trim() {
            #[cfg(not(target_family = "wasm"))]
            "" | "os" => {
                trace::set_world(trace::Clock::Real, None, &[]);
                Reactor::new(Os::new()?)
            }
            name => {
                let sim = sim(name)?;
                let knobs = sim.knobs().describe();
                trace::set_world(trace::Clock::Virtual, Some(sim.seed()), &knobs);
                Reactor::new(sim)
            }
        };
        reactor.recording = Some(recording);
        Ok(reactor)
    }
}

fn sim(name: &str) -> io::Result<Sim> {
    let wrong = |why: String| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("UNTWISTED_WORLD={name}: {why}"),
        )
    };
    let knobs = name
        .strip_prefix("sim:")
        .ok_or_else(|| wrong("a world is `os`, or `sim:` and a seed, as in `sim:42`".to_owned()))?;
    Sim::parse(knobs).map_err(|error| wrong(error.to_string()))
}

/// Runs a whole program: makes a reactor [from the environment](Reactor::from_env), calls `main` in
/// it, and runs until the last clone of the [`Hold`] is dropped, or it is stopped.
///
/// The exit code is 0; 1 when `main` returns an error, [`Handle::fail`] is called, or the world
/// fails, and the error is printed, as a `main` that returns it prints it; and 128 and the number
/// of the signal when one stopped it, as a shell says it.
///
/// ```
/// use reactor::react;
/// use std::{io, time::Duration};
///
/// fn main() -> std::process::ExitCode {
///     react(|h, done| {
///         h.call_later(Duration::from_millis(1), move |_| drop(done));
///         Ok::<(), io::Error>(())
///     })
/// }
/// ```
pub fn react<E: Into<Box<dyn Error + Send + Sync>>>(
    main: impl FnOnce(&Handle, Hold) -> Result<(), E> + 'static,
) -> ExitCode {
    let mut reactor = match Reactor::from_env() {
        Ok(reactor) => reactor,
        Err(error) => {
            print(&explain(&error, None));
            return ExitCode::FAILURE;
        }
    };
    reactor.handle().when_running(|h| {
        let done = Hold::new(h, |h| {
            // It may have been stopped already; it stops once.
            let _ = h.stop();
        });
        if let Err(error) = main(h, done) {
            // The place of this line says nothing.
            h.fail_with(Located::new(error, None));
        }
    });
    exit_code(reactor.run(), &reactor)
}

/// The last words of a program that fails: the same as those of a `main` that returns the error.
fn print(error: &dyn fmt::Display) {
    // Standard error may be closed.
    let _ = writeln!(io::stderr(), "Error: {error}");
}

fn exit_code(result: Result<(), RunError>, reactor: &Reactor) -> ExitCode {
    match (result, reactor.stopped_by()) {
        (Err(error), _) => {
            print(&format_args!("{error:?}"));
            ExitCode::FAILURE
        }
        (Ok(()), Some(signal)) => ExitCode::from(128 + signal.number() as u8),
        (Ok(()), None) => reactor.handle().extension::<Exit>().0.get(),
    }
}

/// What `exit_with` asked for; 0 unless it was called.
#[derive(Default)]
struct Exit(Cell<ExitCode>);

impl Handle {
    /// The exit code of [`react`] when all goes well, instead of 0. Asked twice, the last one
    /// counts.
    ///
    /// ```no_run
    /// use reactor::react;
    /// use std::{io, process::ExitCode};
    ///
    /// fn main() -> ExitCode {
    ///     react(|h, _done| {
    ///         h.exit_with(ExitCode::from(2)); // nothing to do
    ///         Ok::<(), io::Error>(())
    ///     })
    /// }
    /// ```
    pub fn exit_with(&self, code: ExitCode) {
        self.extension::<Exit>().0.set(code);
    }
}
