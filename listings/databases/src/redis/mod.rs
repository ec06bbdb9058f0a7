//! Redis on our reactor: commands without waiting, a pool, transactions, messages.
//!
//! [`connect`] fires with a [`Redis`], which can have any number of commands on their way; a
//! [`RedisPool`] makes such connections when they are needed, and again when they are lost. What
//! must not share its connection has one of its own: [`RedisPool::transaction`],
//! [`RedisPool::blocking`], [`Subscriber`].
//!
//! | what | file |
//! |---|---|
//! | a server: the one that you name, or a temporary one | `server.rs`, `settings.rs` |
//! | bytes in, replies out, without a socket | `reply_decoder.rs`, `value.rs` |
//! | commands on their way, in their order | `connection.rs` |
//! | connections that are shared, and that are lent | `pool.rs`, `transaction.rs` |
//! | messages, also after a reconnect | `subscriber.rs` |
mod connection;
mod manager;
mod not_shared;
mod pool;
mod reply_decoder;
mod server;
mod settings;
mod subscriber;
mod transaction;
mod value;

pub use connection::{Redis, RedisLost, connect};
pub use not_shared::NotShared;
pub use pool::{NoRedis, RedisPool};
pub use reply_decoder::ReplyError;
pub use server::RedisServer;
pub use settings::{RedisSettings, RedisSettingsError};
pub use subscriber::{Message, Subscriber};
pub use transaction::{Command, RedisTransaction};
pub use value::{RedisError, Value, ValueError};
