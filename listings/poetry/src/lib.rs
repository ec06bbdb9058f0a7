//! Public-domain poems and the slow poetry server that every chapter fetches from.
//!
//! A poem that arrives slowly makes waiting visible. [`Server`] serves poems with blocking sockets
//! and threads; [`Reciter`] is the recital alone, without sockets or a clock, for servers that are
//! driven by something else.
//!
//! In a terminal: `cargo run -p poetry --example slow_poetry -- --help`.
mod flags;
mod options;
mod poems;
mod reciter;
#[cfg(not(target_family = "wasm"))]
mod server;

pub use flags::{Action, help, list, parse};
pub use options::Options;
pub use poems::{POEMS, Poem};
pub use reciter::{Fault, Pace, Reciter, Step};
#[cfg(not(target_family = "wasm"))]
pub use server::Server;
