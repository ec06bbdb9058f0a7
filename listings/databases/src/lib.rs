//! PostgreSQL and Redis on our reactor: servers to ask, connections, pools, rows.
//!
//! [`connect`] logs in and fires with a [`Connection`]; [`Connection::query`] sends SQL with its
//! values and fires with the [`Row`]s. Nothing waits in between, so one thread can have many
//! questions on their way.
//!
//! ```
//! use databases::{Server, connect};
//! use deferreds::Failure;
//! use reactor::{Os, Reactor};
//!
//! let server = Server::temporary()?; // gone at the end of this block
//! let mut reactor = Reactor::new(Os::new()?);
//! let handle = reactor.handle();
//! let asked = connect(&handle, server.settings()).add_callback(|connection| {
//!     connection.query("SELECT length($1) AS letters", &[&"rosebuds"])
//! });
//! let _done = asked.add_callback(move |rows| {
//!     assert_eq!(rows[0].get::<i32>("letters")?, 8);
//!     Ok(handle.stop()?)
//! });
//! reactor.run()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way of a question
//!
//! ```text
//!   query(sql, values)   connection.rs ──► session.rs: five messages ──► the transport
//!                            │ pending.rs: its resolver, at the end of the queue
//!                            ▼
//!   rows, or a failure ◄── pending.rs: the oldest ◄── protocol.rs ◄── session.rs: whole answers
//! ```
//!
//! | what | file |
//! |---|---|
//! | a server: the one that you name, or a temporary one | `server.rs`, `settings.rs` |
//! | what ends a temporary server with the program | `watchdog.rs` |
//! | connecting, TLS, what comes in | `protocol.rs` |
//! | questions, and statements that are kept | `connection.rs` |
//! | what those two share | `shared_state.rs` |
//! | bytes in, answers out, without a socket | `session.rs`, `login.rs` |
//! | what has no answer yet, and how much of it there may be | `pending.rs` |
//! | values out, rows and their values in | `value.rs`, `row.rs` |
//! | several statements in one message; several questions as one | `simple.rs`, `all.rs` |
//! | what every pool does: who waits, who is served, what comes back | `generic_pool.rs` |
//! | a pool of connections to PostgreSQL | `pool.rs`, `manager.rs`, `pool_options.rs` |
//! | BEGIN, COMMIT, ROLLBACK, and what is between | `transaction.rs` |
//! | interrupting what runs | `cancel.rs` |
//! | stored functions by name | `functions.rs` |
//! | what others say on channels | `listener.rs`, `notification.rs`, `message_queue.rs` |
//! | the same, waiting for each answer | `blocking.rs` |
//! | Redis | `redis/` |
//! | poems in both | `shelf.rs`, `shelf.sql` |
//! | what PostgreSQL says when it refuses | `error.rs` |
//!
//! No two files need each other: what a pool and a transaction both know of connections is in
//! `manager.rs`, what a connection and its protocol share in `shared_state.rs`.
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml`
// beside this crate.
#![warn(clippy::disallowed_methods)]

mod all;
mod blocking;
mod cancel;
mod connection;
mod error;
mod functions;
mod generic_pool;
mod listener;
mod login;
mod manager;
mod message_queue;
mod notification;
mod pending;
mod pool;
mod pool_options;
mod protocol;
pub mod redis;
mod row;
mod server;
mod session;
mod settings;
mod shared_state;
mod shelf;
mod simple;
mod transaction;
mod value;
mod watchdog;

pub use blocking::{BlockingConnection, in_thread};
pub use connection::{Connection, Statement};
pub use error::{ColumnError, ConnectionLost, DatabaseError, LoginError, ProtocolError};
pub use functions::{NameError, PREFIX};
pub use listener::Listener;
pub use message_queue::News;
pub use notification::Notification;
pub use pending::TooManyPending;
pub use pool::{ConnectionPool, PooledConnection};
pub use pool_options::{PoolClosed, PoolOptions, PoolState, PoolTimeout};
pub use protocol::connect;
#[cfg(feature = "tls")]
pub use protocol::connect_tls;
pub use row::Row;
pub use server::Server;
pub use settings::{Settings, SettingsError};
pub use shelf::{SCHEMA, Shelf, ShelfEntry, ShelfPoem};
pub use simple::{SimpleAnswer, SimpleRow};
pub use transaction::{
    CommitUnknown, Isolation, RollbackFailed, RolledBack, Transaction, TransactionOver,
};
pub use value::ToValue;
pub use watchdog::ServerError;
