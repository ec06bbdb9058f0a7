//! A result that is not there yet: Deferred, Failure, and what is built from them.
//!
//! A function that would have to wait returns a [`Deferred`] at once. Its caller adds stages to
//! that. The function keeps the [`Resolver`] and fires it later, and the stages run.
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
//! # The ways through the crate
//!
//! A [`Deferred`] is the tail of a chain of links, and a [`Resolver`] holds its head. Read
//! `core/walk.rs` first: it has a drawing of a chain, and all that happens to a result.
//!
//! ```text
//! a fired Deferred
//!   Resolver::fire     core/resolver.rs ──► the head takes the result    core/walk.rs
//!   the loop           core/trampoline.rs ──► step: the next link gets it  core/walk.rs
//!   a stage            core/stage.rs ──► its function, which is yours
//!   it returned one    core/walk.rs ──► the stage waits for that chain, by its core/output.rs
//!   the end            core/told.rs, core/awaited.rs ──► or no link waits: it is kept
//!
//! a stage that is added
//!   add_callback       core/deferred.rs ──► a link   core/stage.rs ──► behind the tail
//!   it has fired       core/trampoline.rs ──► the stage runs at once
//!
//! a cancel
//!   Canceller::cancel  core/handles.rs ──► the last chain that it waits for  core/chain.rs
//!   its head           core/walk.rs ──► the canceller, if any  core/cancel.rs
//!                                   ──► else it fires Cancelled
//!
//! a failure that is left
//!   the tail drops     core/output.rs ──► core/chain.rs ──► core/report.rs ──► tracing
//!
//! a wait in a queue
//!   Lock, Semaphore    sync/lock.rs, sync/semaphore.rs ──► sync/wait_queue.rs
//!   a release          sync/semaphore.rs ──► the first resolver fires
//! ```
//!
//! Files use each other in one direction. The one circle is that of the types: a stage may return
//! a Deferred, so `core/stage.rs` needs `core/outcome.rs`, that `core/deferred.rs`, and that the
//! stages.
//!
//! Where a Deferred does what Twisted's does, where it does not, why, and which test proves it, is
//! a table of the book: `src/deferreds/appendix/decisions.md`.
// What depends on the real clock or on randomness must come from the world; see `clippy.toml`
// beside this crate.
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
