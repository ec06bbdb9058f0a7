//! Public-domain poems and the slow poetry server that every chapter fetches from.
//!
//! A poem that arrives slowly makes waiting visible. [`Server`] serves poems with blocking sockets and threads;
//! [`Reciter`] is the recital alone, without sockets or a clock, for servers that are driven by something else.
//!
//! In a terminal: `cargo run -p poetry --example slow_poetry -- --help`.
mod flags;
mod poems;
mod reciter;
mod server;

pub use flags::{Asked, help, list, parse};
pub use poems::{POEMS, Poem};
pub use reciter::{Fault, Pace, Reciter, Step};
pub use server::{Options, Server};
