//! Three models of doing several things: one thread, many threads, one thread with readiness.
//!
//! The models themselves are the programs in `examples/`. Here stands what they share: three slow
//! servers to fetch from ([`with_slow_poems`]), a way to show on the screen which poem is moving
//! ([`arrived`], [`finished`]), the readiness loop as a type with callbacks ([`Downloads`]), and
//! what exercises run on: sockets that follow a script ([`scripted`]), and locks that keep a diary
//! ([`shelves`]).
//!
//! | what | file |
//! |---|---|
//! | servers to fetch from, and a screen | `show.rs` |
//! | the readiness loop | `downloads.rs` |
//! | for exercises | `scripted.rs`, `shelves.rs` |
mod downloads;
pub mod scripted;
pub mod shelves;
mod show;

pub use downloads::Downloads;
pub use show::{arrived, finished, quiet, with_slow_poems};
