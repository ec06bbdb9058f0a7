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
//! | firing twice | an error at run time | does not compile (E0382) | firing consumes the [`Resolver`] |
//! | a Deferred with two readers | the second reads `None` | does not compile (E0382) | adding a stage consumes the [`Deferred`] |
//! | firing with a Deferred | the first callback is handed the Deferred | a value like any other, seen in the type | only a stage's outcome is waited for |
//! | firing an errback with text | accepted | does not compile (E0277) | a [`Failure`] holds an error |
//! | one Deferred returned by two stages | the second gets `None` | does not compile (E0382) | it moves |
//! | a stage returns its own Deferred | hangs | fails with [`WaitsForItself`] | it is seen when the stage returns |
//! | the promise is forgotten | silence | fires [`Abandoned`] | a dropped resolver can never fire |
//! | unpausing too often | never runs again | does not compile (E0382) | a [`Pause`] ends when it is dropped |
//! | explicit chaining of 5,000 | overflows the stack | any length | [`Deferred::chain_deferred`] is run by the same loop |
//! | cancelling an explicitly chained one | the first goes on | cancels the first | nobody else can read its result |
//! | a canceller answers | it must fire at once | it may keep its resolver and fire later | undoing may take time |
//! | a canceller that panics | leaves the Deferred unfired | fires [`Cancelled`], the panic goes on | its resolver is dropped |
//! | an exception in a stage | becomes a failure | a panic goes through; failures are returned | a panic is a bug, a failure is not |
//! | `DeferredList` | one class, whose flags change what it fires | [`deferred_list`], [`gather_results`], [`race`] | each result has its own type |
//! | a race of nobody | never fires | fails with [`FailureGroup`] | nobody could ever win |
//! | an unhandled failure | two log events | one `tracing` error with three places | where it happened, was made, and fired |
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml` beside this crate.
#![warn(clippy::disallowed_methods)]

mod awaited;
mod chain;
mod cooperate;
mod debug;
mod deferred;
mod drive;
mod errors;
mod failure;
#[cfg(unix)]
mod file_lock;
mod handles;
mod handover;
mod later;
mod line;
mod list;
mod lock;
mod looping;
mod node;
mod outcome;
pub mod poem;
mod queue;
mod react;
mod resolver;
mod root;
mod semaphore;
mod stage;
mod threads;
mod timeout;
mod triggers;

pub use awaited::Awaited;
pub use cooperate::{coiterate, cooperate, when_done};
pub use debug::{debug, set_debug};
pub use deferred::{Deferred, execute, maybe_deferred};
pub use errors::{Abandoned, Cancelled, TimedOut, WaitsForItself};
pub use failure::Failure;
#[cfg(unix)]
pub use file_lock::{FileGuard, FileLock};
pub use handles::{Canceller, Pause, Pauser};
pub use later::defer_later;
pub use list::{DeferredList, FailureGroup, FirstError, deferred_list, gather_results, race};
pub use lock::Lock;
pub use looping::{looping_call, looping_call_later};
pub use outcome::{Next, Outcome};
pub use queue::{Queue, QueueOverflow, QueueUnderflow};
pub use react::react;
pub use resolver::Resolver;
pub use semaphore::{Guard, Semaphore};
pub use threads::{blocking_call_from_thread, defer_to_thread};
pub use triggers::{before_shutdown, before_startup};
