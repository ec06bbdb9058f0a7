//! What stands on the reactor: timers, steps, threads, and the life of a program.
pub(crate) mod cooperate;
pub(crate) mod later;
pub(crate) mod looping;
pub(crate) mod react;
pub(crate) mod threads;
pub(crate) mod timeout;
pub(crate) mod triggers;
