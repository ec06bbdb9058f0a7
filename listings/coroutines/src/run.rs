//! `run`: a whole program, from the world that the environment names to the exit code.
use crate::spawn;
use deferreds::Failure;
use reactor::{Handle, react};
use std::{convert::Infallible, process::ExitCode};

/// Runs a whole program, like [`reactor::react`]: makes a reactor from the environment, makes a
/// task of what `main` returns, and runs until that is done, or the reactor is stopped.
///
/// The exit code is 0; 1 when `main` fails, and the failure is printed with its place; 128 and the
/// number of the signal when one stopped it. Tasks that are left are dropped.
///
/// ```
/// use coroutines::{run, sleep};
/// use std::{process::ExitCode, time::Duration};
///
/// fn main() -> ExitCode {
///     run(|h| async move {
///         sleep(&h, Duration::from_millis(1)).await;
///         Ok(())
///     })
/// }
/// ```
#[track_caller]
pub fn run<F>(main: impl FnOnce(Handle) -> F + 'static) -> ExitCode
where
    F: Future<Output = Result<(), Failure>> + 'static,
{
    react(move |h, done| {
        let reactor = h.clone();
        spawn(h, main(h.clone())).on_result(move |result| {
            if let Err(failure) = result {
                reactor.fail(failure);
            }
            drop(done);
        });
        Ok::<(), Infallible>(())
    })
}
