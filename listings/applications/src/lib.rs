//! Endpoints from strings, services that start and stop in order, and what runs them.
//!
//! A server is written once, as a factory. Where it listens is a matter of configuration: an [`Endpoint`] is parsed from
//! a string such as `tcp:4080` or `unix:/run/finger.sock`, and listens with any factory. A [`Service`] is something that
//! starts and stops, and [`Services`] is many of them: started in order, stopped in reverse, waited for, with a limit.
//!
//! ```
//! use applications::Endpoint;
//!
//! let endpoint: Endpoint = r"tcp:4080:interface=127.0.0.1".parse()?;
//! assert_eq!(endpoint.to_string(), "tcp:4080:interface=127.0.0.1");
//! let error = "tcp:99999".parse::<Endpoint>().unwrap_err();
//! assert_eq!(error.to_string(), "\
//! tcp:99999
//!     ^^^^^ this is no port: a number from 0 to 65535");
//! # Ok::<(), applications::EndpointError>(())
//! ```
//!
//! | what | file |
//! |---|---|
//! | the words of a string, with its escapes, and where each stands | `words.rs` |
//! | the options of one kind, taken one by one | `options.rs` |
//! | the kinds a program knows, and to listen at one | `endpoint.rs` |
//! | those with an address; TLS; standard input; systemd | `kinds.rs`, `certificates.rs`, `standard.rs`, `inherited.rs` |
//! | where a client connects to, and a client that does so again and again | `client.rs`, `client_service.rs`, `backoff.rs` |
//! | hears when a connection is made and lost | `watched.rs` |
//! | one thing that starts and stops; many of them; one that is done again and again | `service.rs`, `services.rs`, `timed_job.rs` |
//! | a program of services | `run.rs` |
//! | the same with settings, a log, a number, and into the background | `program.rs`, `settings.rs`, `pid_file.rs`, `daemon.rs` |
//! | other programs, which end with this one; so many threads for one kind of work | `process.rs`, `dies_with_parent.rs`, `threads.rs` |
//! | objects of another process | `remote.rs` |
//! | what it says: levels, targets, a file; a log for tests; each connection a span | `logging.rs`, `captured.rs`, `spans.rs` |
//!
//! Files that need each other, and why: `endpoint.rs` lists the kinds that `kinds.rs`, `standard.rs` and
//! `inherited.rs` are, and they return its errors. `service.rs` makes a service of a job, and
//! `timed_job.rs` is one. In `remote/`, an object that is passed on (`remote/values.rs`) is entered into
//! the table of its connection (`remote/table.rs`), the table hands out references
//! (`remote/reference.rs`), and a reference asks through the table: one ownership, told in four files.
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml` beside this crate.
#![warn(clippy::disallowed_methods)]

mod backoff;
mod captured;
mod certificates;
mod client;
mod client_service;
#[cfg(unix)]
mod daemon;
mod dies_with_parent;
mod endpoint;
#[cfg(unix)]
mod inherited;
mod kinds;
mod logging;
mod options;
#[cfg(unix)]
mod pid_file;
mod process;
#[cfg(unix)]
mod program;
pub mod remote;
mod run;
mod service;
mod services;
mod settings;
mod spans;
#[cfg(unix)]
mod standard;
mod threads;
mod timed_job;
mod watched;
mod words;

pub use backoff::Backoff;
pub use captured::{Captured, Entry};
pub use client::ClientEndpoint;
pub use client_service::{ClientService, ClientState, Stopped};
pub use dies_with_parent::dies_with_parent;
pub use endpoint::{Endpoint, Kind, Kinds, Listen, ListenError, Listening};
pub use logging::{LogFile, levels, subscriber};
pub use options::Options;
pub use process::{CannotStart, Finished, TooMuchOutput, run_process, run_process_with_limit};
#[cfg(unix)]
pub use program::program;
pub use run::run;
pub use service::{Service, Serving, Ticking};
pub use services::{Late, Services};
pub use settings::{Settings, SettingsError};
pub use spans::logged;
pub use threads::Threads;
pub use timed_job::TimedJob;
pub use words::{EndpointError, escaped};
