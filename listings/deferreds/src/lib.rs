//! A result that is not there yet: Deferred, Failure, and what is built from them.
//!
//! A function that would have to wait returns a [`Deferred`] at once. Whoever waits adds stages to it; whoever
//! promised fires its [`Resolver`] later, and the stages run.
//!
//! ```
//! use deferreds::Deferred;
//!
//! let (resolver, poem) = Deferred::<String>::new();
//! let length = poem.add_callback(|text| Ok(text.len()));
//! resolver.callback("Gather ye rosebuds".into());
//! assert_eq!(length.into_result().unwrap().unwrap(), 18);
//! ```
//!
//! # What Twisted does, and what happens here
//!
//! | | Twisted | here | because |
//! |---|---|---|---|
//! | stages | run in the order in which they were added; each gets what the one before returned | the same | a chain is a line |
//! | rails | a value skips errbacks, a failure skips callbacks; in a pair the errback never sees the callback's error | the same | |
//! | an errback that returns a value | goes back to the callbacks | the same | |
//! | an exception in a stage | becomes a failure | a panic goes through, and whoever waits is told; failures are returned | a panic is a bug, a failure is not |
//! | the last stage | returns something, too | [`Deferred::on_result`] returns nothing, and is told once, whatever happens | |
//! | adding to one that has fired | runs the function at once | the same | what is there needs no wait |
//! | adding inside a running stage | runs after that stage | the same | |
//! | firing inside a running stage | runs the other chain at once, to a `RecursionError` | at once, 16 deep; deeper ones after these | the stack has an end |
//! | firing twice | an error at run time; debug mode says where | does not compile (E0382) | firing consumes the [`Resolver`] |
//! | firing with a Deferred | the first callback is handed the Deferred | a value like any other, seen in the type (E0308) | only a stage's outcome is waited for |
//! | firing an errback with text | accepted | does not compile (E0277) | a [`Failure`] holds an error |
//! | the promise is forgotten | silence | fires [`Abandoned`] | a dropped resolver can never fire |
//! | pauses | add up | the same: a [`Pause`] lasts until it is dropped | |
//! | unpausing too often | never runs again | does not compile (E0382) | a [`Pause`] ends once |
//! | a pause that nobody ends | waits for ever | the same, also for one that its own chain owns | who holds it may end it |
//! | a stage returns a Deferred | waits for it; a fired one is taken at once; transitive | the same | |
//! | the inner one after that | its result is `None` | it is gone | it was moved |
//! | a failure that moved | logged once, on the outer | the same | |
//! | one Deferred returned by two stages | the second gets `None` | does not compile (E0382) | it moves |
//! | a Deferred with two readers | the second reads what the first returned | does not compile (E0382) | adding a stage consumes the [`Deferred`] |
//! | a stage returns its own Deferred | hangs | fails with [`WaitsForItself`] | it is seen when the stage returns |
//! | chains that wait for each other | hang | fail with [`WaitsForItself`] | the one that closes the ring sees it |
//! | long chains | no stack, but for explicit chaining | no stack | one loop runs them, and drops them |
//! | cancel without a canceller | `CancelledError`; one later firing is swallowed | [`Cancelled`]; what the resolver fires is dropped | |
//! | a canceller | is called once, and must fire at once | is called once, and may keep its resolver and fire later | undoing may take time |
//! | a canceller that raises | leaves the Deferred unfired | [`Cancelled`], and the panic goes on | its resolver is dropped |
//! | a canceller that drops its resolver, inside a stage | | [`Cancelled`], before `cancel` returns | who cancels sees what follows |
//! | cancelling one that waits | cancels the inner; one that recovers makes the outer succeed | the same | |
//! | cancelling an explicitly chained one | the first goes on | cancels the first | nobody else can read its result |
//! | cancelling late or again | does nothing | the same | |
//! | `addTimeout` | at its time, not before; covers only what was added before it | the same; of two timers of one instant the older decides; a canceller may take longer: [`Deferred::add_hard_timeout`] is a bound | runs repeat exactly |
//! | a timeout and other failures | cancelled by hand stays `CancelledError` | the same | |
//! | `onTimeoutCancel` | its return is the result | [`Deferred::add_timeout_with`] | |
//! | an unhandled failure | two log events when it is collected | one report when it is dropped, with three places: to `tracing`, or without a subscriber to standard error | where it happened, was made, and fired |
//! | never fired, and dropped | silent | silent; with its resolver dropped, [`Abandoned`] is reported, unless the reactor that owned it is being dropped | somebody waits for nothing |
//! | reference cycles | collected | firing, dropping the resolver or cancelling breaks them | each lets go of the closures |
//! | debug mode | where it was made and fired | [`set_debug`]: the stacks; the lines are always known | a line costs nothing |
//! | `DeferredList` | results in order; empty fires at once | [`deferred_list`] | |
//! | `fireOnOneCallback` | changes what it fires | [`DeferredList::fire_on_one_callback`] | each result has its own type |
//! | `fireOnOneErrback` | changes what it fires | [`gather_results`], [`DeferredList::fire_on_one_errback`] | each result has its own type |
//! | `consumeErrors` | else all failures of members are logged | [`DeferredList::consume_errors`]; else those that are no part of the answer | what is answered is handled |
//! | cancelling a list | cancels every member | the same, each time it is cancelled | |
//! | `race` | first value, others cancelled; else a `FailureGroup` | the same | |
//! | a race of nobody | never fires | fails with [`FailureGroup`] | nobody could ever win |
//! | `maybeDeferred`, `execute` | | [`maybe_deferred`], [`execute`] | |
//! | `succeed`, `fail` | | [`Deferred::succeed`], [`Deferred::fail`], [`Deferred::ready`] | |
//! | `asFuture` | | `.await`, or [`IntoFuture`]; dropped early it cancels | who awaits no longer wants the result |
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml` beside this crate.
#![warn(clippy::disallowed_methods)]

mod core;
mod sync;
mod tasks;

pub use core::{
    awaited::Awaited,
    debug::{debug, set_debug},
    deferred::{Deferred, execute, maybe_deferred},
    errors::{Abandoned, Cancelled, TimedOut, WaitsForItself},
    failure::Failure,
    handles::{Canceller, Pause, Pauser},
    list::{DeferredList, deferred_list, gather_results, race},
    list_errors::{FailureGroup, FirstError},
    outcome::{Next, Outcome},
    resolver::Resolver,
};
#[cfg(unix)]
pub use sync::file_lock::{FileGuard, FileLock};
pub use sync::{
    lock::Lock,
    queue::{Queue, QueueOverflow, QueueUnderflow},
    semaphore::{Guard, Semaphore},
};
pub use tasks::{
    cooperate::{StepFailed, coiterate, cooperate, when_done},
    later::defer_later,
    looping::{looping_call, looping_call_later},
    react::react,
    threads::{blocking_call_from_thread, defer_to_thread},
    triggers::{before_shutdown, before_startup},
};
