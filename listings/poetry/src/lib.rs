//! Public-domain poems and the slow poetry server that every chapter fetches from.
//!
//! A poem that arrives slowly makes waiting visible. [`Server`] serves poems with blocking sockets
//! and threads; [`Reciter`] is the recital alone, without sockets or a clock, for servers that are
//! driven by something else.
//!
//! In a terminal: `cargo run -p poetry --example slow_poetry -- --help`.
//!
//! | what | file |
//! |---|---|
//! | the poems | `poems.rs` |
//! | what a server recites, and how; from flags | `options.rs`, `flags.rs` |
//! | what to send next, and how long to pause | `reciter.rs` |
//! | a thread for each connection, which does that | `server.rs` |
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
