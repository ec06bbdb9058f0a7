//! The event loop: a world, timers, turns and wake-ups.
//!
//! A [`Reactor`] waits for whatever happens next (a socket is ready, a time has come, another
//! thread calls) and calls the code that asked for it. Everything it knows of the outside comes
//! through one trait, [`World`]: the operating system ([`Os`]) or a simulation ([`Sim`]) in which
//! time jumps and each run is the same.
//!
//! ```
//! use reactor::{Reactor, Sim};
//! use std::time::Duration;
//!
//! let mut reactor = Reactor::new(Sim::new(1));
//! let handle = reactor.handle();
//! handle.call_later(Duration::from_secs(3600), |h| {
//!     println!("an hour later");
//!     h.stop().unwrap();
//! });
//! reactor.run()?; // takes no time at all
//! # Ok::<(), reactor::RunError>(())
//! ```
//!
//! # Four ways through the crate
//!
//! ```text
//! a turn of the loop       Reactor::turn, in reactor.rs, top-down
//!   calls    remote.rs       what other threads sent     handle.rs    what callbacks queued
//!   timers   timers.rs       those that are due
//!   wait     world.rs        the seam                    os.rs, sim.rs    the two that implement it
//!   ready    source.rs       who is told of a socket
//!   end      phases.rs       executors and buffers       triggers.rs  in the first and last turn
//!
//! a timer
//!   call_later       delayed.rs ──► insert     timers.rs
//!   a turn           reactor.rs ──► due        timers.rs
//!                               ──► fire       delayed.rs, looping.rs ──► your callback
//!
//! a wake from a thread
//!   Remote::call     remote.rs  ──► push into the mailbox, wake
//!   Handle::offload  jobs.rs    ──► a thread   os/pool.rs ──► push into the mailbox, wake
//!   World::wait      os.rs      ──► returns    reactor.rs ──► drain the mailbox ──► your callback
//!
//! a socket that is ready
//!   mio              os.rs      ──► its id     slot_map.rs, os/table.rs
//!   tell_ready       reactor.rs ──► its source source.rs ──► your `ready`
//! ```
//!
//! How a fired Deferred gets to your callback stands in the crate `deferreds`.
//!
//! Files that need each other, and why: `handle.rs` owns the parts of a reactor, and each part adds
//! its methods to `Handle` in its own file. `Network` and `Socket` are one type in several files
//! each: `sim/network.rs` with what travels, and `os/socket.rs` with its half for Unix.
// Whatever depends on the real clock or on randomness must come from the world; see `clippy.toml`
// beside this crate.
#![warn(clippy::disallowed_methods)]

mod address;
mod capabilities;
mod capable;
mod closed_world;
mod closing;
mod cooperator;
mod delayed;
mod errors;
mod handle;
mod jobs;
mod located;
mod looping;
#[cfg(not(target_family = "wasm"))]
mod os;
mod panics;
mod phases;
mod random;
mod react;
mod reactor;
mod readiness;
mod record;
mod remote;
mod signals;
mod sim;
mod slot_map;
mod sockets;
mod source;
mod time;
mod timers;
mod triggers;
mod world;

pub use address::Address;
pub use capabilities::{
    Child, Datagrams, Found, Job, Names, Pools, Processes, Signal, Signals, SocketOption,
    StandardIo, StandardStream,
};
#[cfg(unix)]
pub use capabilities::{Descriptors, Kind};
pub use closing::is_closing;
pub use cooperator::{CooperativeTask, Cooperator, Ended, TaskError};
pub use delayed::DelayedCall;
pub use errors::{AskError, Inactive, RunError, Stalled, StopError, is_stalled};
pub use handle::Handle;
pub use jobs::ThreadPool;
pub use located::{Located, explain};
pub use looping::LoopingCall;
#[cfg(not(target_family = "wasm"))]
pub use os::Os;
pub use panics::{Panics, contain};
pub use phases::Phases;
pub use react::react;
pub use reactor::Reactor;
pub use readiness::{Id, Readiness, Ready};
pub use remote::{Message, Remote};
pub use sim::{Fault, KnobError, Knobs, Sim};
#[doc(hidden)]
pub use slot_map::SlotMap;
pub use source::Source;
pub use time::Time;
pub use triggers::Hold;
pub use world::World;
