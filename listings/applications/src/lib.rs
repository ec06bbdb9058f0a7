//! Endpoints from strings, services that start and stop in order, and what runs them.
//!
//! A server is written once, as a factory. Where it listens is a matter of configuration: an
//! [`Endpoint`] is parsed from a string such as `tcp:4080` or `unix:/run/finger.sock`, and listens
//! with any factory. A [`Service`] is something that starts and stops, and [`Services`] is many of
//! them: started in order, stopped in reverse, waited for, with a limit.
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
//! # The ways through the crate
//!
//! ```text
//! a string that says where
//!   its words             words.rs ──► options, taken one by one  options.rs
//!   Endpoint              endpoint.rs ──► its kind: an address  kinds.rs, certificates.rs
//!                                     ──► standard input and output  stdio.rs
//!                                     ──► a socket of systemd  inherited.rs
//!   ClientEndpoint        client.rs
//!
//! a service, from its start to its stop
//!   a server              service.rs ──► each connection is a span  spans.rs
//!                                    ──► and is waited for at the end  observed.rs
//!   a client              client_service.rs ──► the next attempt  backoff.rs
//!                                           ──► what becomes of it  client_service/observer.rs
//!   a job                 timed_job.rs
//!   many of them          services.rs ──► started in order, stopped in reverse
//!
//! a program
//!   of services only      run.rs
//!   a whole one           program.rs ──► settings.rs, logging.rs, pid_file.rs, daemon.rs
//!   its log in a test     captured.rs
//!
//! work that is done elsewhere
//!   another program       process.rs, dies_with_parent.rs
//!   threads               threads.rs
//!   a remote object       remote.rs ──► Offer: a first object  remote/offer.rs
//!     a call              remote/reference.rs ──► its values  remote/values.rs
//!                         ──► the other side's table  remote/table.rs ──► your object
//!     an error            remote/errors.rs
//! ```
//!
//! Files that need each other, and why: `endpoint.rs` lists the kinds that `kinds.rs`, `stdio.rs`
//! and `inherited.rs` are, and they return its errors. `service.rs` makes a service of a job, and
//! `timed_job.rs` is one. In `remote/`, an object that is passed on (`remote/values.rs`) is entered
//! into the table of its connection (`remote/table.rs`), the table hands out references
//! (`remote/reference.rs`), and a reference calls through the table: one ownership, told in four
//! files.
// What depends on the real clock or on randomness must come from the world; see `clippy.toml`
// beside this crate.
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
mod observed;
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
mod stdio;
mod threads;
mod timed_job;
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
