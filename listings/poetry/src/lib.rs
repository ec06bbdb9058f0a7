//! Public-domain poems and the slow poetry server that every chapter fetches from.
mod poems;
mod reciter;
mod server;

pub use poems::{POEMS, Poem};
pub use reciter::{Fault, Pace, Reciter, Step};
pub use server::{Options, Server};
