//! The models as functions, to be measured: the programs of the chapter themselves, not copies of
//! them.
use std::{io, net::SocketAddr};

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/busy.rs"]
mod busy;
#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/one_thread.rs"]
mod one_thread;
#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/readiness.rs"]
mod readiness;
#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/threads.rs"]
mod threads;
#[allow(dead_code, unreachable_pub)]
#[path = "../examples/readiness.rs"]
mod tokio_tasks;

/// Fetches a poem from each address.
pub type Model = fn(&[SocketAddr]) -> io::Result<()>;

/// Each model with its name.
///
/// ```
/// let names: Vec<_> = models_lab::MODELS.iter().map(|(name, _)| *name).collect();
/// assert_eq!(names, ["one thread", "threads", "busy loop", "readiness", "tokio tasks"]);
/// ```
pub const MODELS: [(&str, Model); 5] = [
    ("one thread", one_thread::fetch_all),
    ("threads", threads::fetch_all),
    ("busy loop", busy::fetch_all),
    ("readiness", readiness::fetch_all),
    ("tokio tasks", tokio_tasks::fetch_all),
];
