//! async and await on our reactor, and the ways between Deferred and Future.
//!
//! [`spawn`] makes a task of a future: the reactor polls it when it is woken, and a
//! [`Deferred`](deferreds::Deferred) fires with its result. A Deferred is awaited like any future.
//! So both are used together, in either direction.
//!
//! ```
//! use coroutines::{block_on, sleep, spawn};
//! use reactor::{Reactor, Sim};
//! use std::time::Duration;
//!
//! let mut reactor = Reactor::new(Sim::new(1));
//! let h = reactor.handle();
//! let handle = h.clone();
//! let length = spawn(&h, async move {
//!     sleep(&handle, Duration::from_secs(3600)).await; // takes no time in the simulated world
//!     Ok("Gather ye rosebuds")
//! })
//! .add_callback(|poem| Ok(poem.len()));
//! let length = block_on(&mut reactor, async { length.await }).unwrap();
//! assert_eq!(length, 18);
//! ```
//!
//! # The ways through the crate
//!
//! ```text
//! a task that is spawned
//!   spawn              spawn.rs ──► its key, its Deferred   table.rs
//!   begin              executor.rs ──► into the queue       table.rs
//!
//! a task that is woken
//!   in its own thread  wakers.rs ──► executor.rs ──► into the queue    table.rs
//!   from another       wakers.rs ──► the list, a message ──► the mailbox of the reactor
//!   callbacks_ran      executor.rs ──► next, poll, put back            table.rs
//!   it is done         task.rs ──► its Deferred fires
//!
//! a task that is cancelled
//!   the canceller      spawn.rs ──► executor.rs ──► the future is dropped, then its Deferred fires
//!
//! the future of block_on
//!   between two turns  block_on.rs ──► is it woken?   table.rs ──► poll
//!   it is done         block_on.rs ──► the root leaves   table.rs
//! ```
//!
//! A future's own state is beside it: `sleep.rs`, `timeout.rs`, `yield_now.rs`, `combine.rs`. How a
//! Deferred is awaited stands in the crate `deferreds`. Three files need each other: a waker of
//! `wakers.rs` wakes its executor, in `executor.rs`, and that one's `table.rs` keeps the wakers.
//!
//! # What is decided here
//!
//! - A task begins in the turn in which it is spawned, once its callbacks have run, never inside
//!   [`spawn`].
//! - The Deferred of a task is a receipt: drop it, and the task runs on; cancel it, and the future
//!   is dropped.
//! - A task that wakes itself while it is polled, as [`yield_now`] does, is polled again after the
//!   next wait. One that another wakes may be polled in the same turn. There are at most 61 polls
//!   between two waits.
//! - A panic in a task goes through the turn. The task is gone, its Deferred fires
//!   [`Abandoned`](deferreds::Abandoned), and the reactor stays usable.
//! - Dropping the reactor drops all its tasks.
// What depends on the real clock or on randomness must come from the world; see `clippy.toml`
// beside this crate.
#![warn(clippy::disallowed_methods)]

mod block_on;
mod combine;
mod executor;
mod run;
mod sleep;
mod spawn;
mod table;
mod task;
mod timeout;
mod wakers;
mod yield_now;

pub use block_on::{Stopped, block_on};
pub use combine::{Either, join, join_all, select};
pub use run::run;
pub use sleep::{Sleep, sleep};
pub use spawn::spawn;
pub use timeout::timeout;
pub use yield_now::yield_now;
