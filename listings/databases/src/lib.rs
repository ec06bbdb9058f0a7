//! PostgreSQL and Redis on our reactor: servers to ask, connections, pools, rows.
//!
//! [`connect`] logs in and fires with a [`Connection`]; [`Connection::query`] sends SQL with its values and fires with
//! the [`Row`]s. Nothing waits in between, so one thread can have many questions on their way.
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
//! | what | file |
//! |---|---|
//! | a server: the one that you name, or a temporary one | `server.rs`, `settings.rs` |
//! | logging in; questions on their way, in their order | `connection.rs` |
//! | the other side of a connection: TLS, what comes in | `speaks.rs` |
//! | bytes in, answers out, without a socket | `session.rs`, `login.rs` |
//! | what has no answer yet, and how much of it there may be | `pending.rs` |
//! | values out, rows and their values in | `value.rs`, `row.rs` |
//! | several statements in one message | `simple.rs` |
//! | a pool: who waits, who is served, what comes back | `keeper.rs`, `pool.rs`, `pool_options.rs` |
//! | BEGIN, COMMIT, ROLLBACK, and what is between | `transaction.rs` |
//! | interrupting what runs | `cancel.rs` |
//! | stored functions by name | `functions.rs` |
//! | what others say, also after a reconnect | `listener.rs`, `feed.rs` |
//! | the same, waiting for each answer | `blocking.rs` |
//! | Redis | `redis/` |
//! | poems in both | `shelf.rs`, `shelf.sql` |
//! | what PostgreSQL says when it refuses | `error.rs` |
//!
//! Files that need each other, and why: `connection.rs` is the side that asks and `speaks.rs` the side
//! that hears, and what they share is one value; `cancel.rs`, `session.rs` and `simple.rs` name its
//! types. A pool lends a transaction its connection, and a transaction gives it back to its pool:
//! `pool.rs` and `transaction.rs`, and the same two in `redis/`.
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml` beside this crate.
#![warn(clippy::disallowed_methods)]

mod all;
mod blocking;
mod cancel;
mod connection;
mod error;
mod feed;
mod functions;
mod guarded;
mod keeper;
mod listener;
mod login;
mod pending;
mod pool;
mod pool_options;
pub mod redis;
mod row;
mod server;
mod session;
mod settings;
mod shelf;
mod simple;
mod speaks;
mod transaction;
mod value;

pub use blocking::{BlockingConnection, in_thread};
#[cfg(feature = "tls")]
pub use connection::connect_tls;
pub use connection::{Connection, Notification, Statement, connect};
pub use error::{ColumnError, ConnectionLost, DatabaseError, LoginError, ProtocolError};
pub use feed::News;
pub use functions::{NameError, PREFIX};
pub use guarded::ServerError;
pub use listener::Listener;
pub use pending::TooManyPending;
pub use pool::{ConnectionPool, PooledConnection};
pub use pool_options::{PoolClosed, PoolOptions, PoolState, PoolTimeout};
pub use row::Row;
pub use server::Server;
pub use settings::{Settings, SettingsError};
pub use shelf::{SCHEMA, Shelf, ShelfEntry, ShelfPoem};
pub use simple::{SimpleAnswer, SimpleRow};
pub use transaction::{
    CommitUnknown, Isolation, RollbackFailed, RolledBack, Transaction, TransactionOver,
};
pub use value::ToValue;
