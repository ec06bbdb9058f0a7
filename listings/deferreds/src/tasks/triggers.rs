//! Startup and shutdown that wait for Deferreds.
use crate::{Outcome, maybe_deferred};
use reactor::{Handle, Hold};

/// Calls `f` in the first turn, before anything else; the startup waits for its outcome. When the
/// reactor has started, `f` is dropped.
///
/// All these are begun one after the other and waited for together. A failure holds nothing up: it
/// is reported as unhandled, and the startup goes on.
///
/// ```
/// use deferreds::{before_startup, defer_later};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// before_startup(&handle, |h| defer_later(h, Duration::from_secs(2), |_| Ok(())));
/// handle.when_running(|h| {
///     assert_eq!(h.now().as_millis(), 2_000);
///     h.stop().unwrap();
/// });
/// reactor.run()?;
/// # Ok::<(), reactor::RunError>(())
/// ```
///
/// Source:
/// [`addSystemEventTrigger`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IReactorCore.html#addSystemEventTrigger).
#[track_caller]
pub fn before_startup<R: Outcome>(reactor: &Handle, f: impl FnOnce(&Handle) -> R + 'static) {
    reactor.before_startup(move |reactor, hold| wait(reactor, hold, f));
}

/// Calls `f` when the reactor is told to stop. It goes on turning until the outcome is there. When
/// it is stopping already, `f` is dropped.
///
/// All these are begun one after the other and waited for together. A failure holds nothing up: it
/// is reported as unhandled, and the shutdown goes on.
///
/// ```
/// use deferreds::{before_shutdown, defer_later};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// // Saying goodbye takes two seconds, and the reactor waits.
/// before_shutdown(&handle, |h| defer_later(h, Duration::from_secs(2), |_| Ok(())));
/// handle.call_soon(|h| h.stop().unwrap());
/// reactor.run()?;
/// assert_eq!(handle.now().as_millis(), 2_000);
/// # Ok::<(), reactor::RunError>(())
/// ```
///
/// Source:
/// [`addSystemEventTrigger`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IReactorCore.html#addSystemEventTrigger).
#[track_caller]
pub fn before_shutdown<R: Outcome>(reactor: &Handle, f: impl FnOnce(&Handle) -> R + 'static) {
    reactor.before_shutdown(move |reactor, hold| wait(reactor, hold, f));
}

fn wait<R: Outcome>(reactor: &Handle, hold: Hold, f: impl FnOnce(&Handle) -> R) {
    drop(maybe_deferred(|| f(reactor)).add_both(move |result| {
        drop(hold);
        result
    }));
}
