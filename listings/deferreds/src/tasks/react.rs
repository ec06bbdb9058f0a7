//! A whole program whose main returns a Deferred.
use crate::{Outcome, maybe_deferred};
use reactor::Handle;
use std::{
    convert::Infallible,
    process::{ExitCode, Termination},
};

/// Runs a whole program: makes a reactor [from the environment](reactor::Reactor::from_env), calls
/// `main` in it, and runs until the outcome of `main` is there, or the reactor is stopped.
///
/// The exit code is that of the value: 0 for `()`, or the [`ExitCode`] that it is. It is 1 when
/// `main` failed, which is printed with the place where it happened, and when the world fails; and
/// 128 and the number of the signal when one stopped the program. Stopped by [`Handle::stop`]
/// before there is a value, it is 0.
///
/// ```
/// use deferreds::{defer_later, react};
/// use std::time::Duration;
///
/// fn main() -> std::process::ExitCode {
///     react(|h| {
///         let poem = defer_later(h, Duration::from_millis(1), |_| Ok("Gather ye rosebuds"));
///         poem.add_callback(|poem| {
///             println!("{poem}");
///             Ok(())
///         })
///     })
/// }
/// ```
///
/// It is [`reactor::react`] one floor up: there, `main` says that it is done by dropping a
/// [`Hold`](reactor::Hold).
///
/// Source:
/// [`twisted.internet.task.react`](https://docs.twisted.org/en/stable/api/twisted.internet.task.html#react).
#[track_caller]
pub fn react<R: Outcome>(main: impl FnOnce(&Handle) -> R + 'static) -> ExitCode
where
    R::Value: Termination,
{
    reactor::react(move |h, done| {
        let reactor = h.clone();
        maybe_deferred(|| main(h)).on_result(move |result| {
            match result {
                Ok(value) => reactor.exit_with(value.report()),
                Err(failure) => reactor.fail(failure),
            }
            drop(done);
        });
        Ok::<(), Infallible>(())
    })
}
