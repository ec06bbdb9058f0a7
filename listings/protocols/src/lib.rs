//! Messages out of bytes: framings without I/O, what receives them, and policies around a factory.
//!
//! A connection delivers bytes, cut wherever the network cut them. A [`Framing`] puts messages
//! together again: bytes go in with [`feed`](Framing::feed), messages come out of
//! [`next_message`](Framing::next_message). It holds no socket and no clock, so it works on any
//! transport, in a test, and under tokio.
//!
//! ```
//! use protocols::{Framing, Lines};
//!
//! let mut lines = Lines::new(80);
//! lines.feed(b"Gather ye ro");
//! assert_eq!(lines.next_message(), Ok(None)); // not yet
//! lines.feed(b"sebuds\r\nwhile ye may\r\n");
//! assert_eq!(lines.next_message(), Ok(Some(b"Gather ye rosebuds".to_vec())));
//! assert_eq!(lines.next_message(), Ok(Some(b"while ye may".to_vec())));
//! assert_eq!(lines.next_message(), Ok(None));
//! ```
//!
//! # The ways through the crate
//!
//! ```text
//! a message that is received
//!   Receiving             receiver.rs ──► feeds a framing  framing.rs
//!                                     ──► message_received of your receiver
//!   a framing             lines.rs, netstrings.rs, prefixed.rs, boxes.rs, resp.rs
//!                         ──► what is not used yet waits in  unread.rs
//!
//! a question in a box
//!   Asker::ask            asking.rs ──► a box  boxes.rs ──► the other side reads it  asking.rs
//!   its responder         responders.rs ──► its Deferred fires ──► a box back
//!   no answer             no_answer.rs
//!
//! a command of the small Redis
//!   bytes of a client     redis/serve.rs ──► redis/mod.rs ──► resp.rs, resp_value.rs
//!   where it goes         redis/session.rs ──► redis/commands.rs ──► redis/store.rs
//!                         ──► redis/transactions.rs, redis/waiting.rs, redis/channels.rs
//!   what it may hold      redis/held.rs
//!   the same in a thread  redis/thread.rs
//!
//! a policy around a factory
//!   a silent peer         timeouts.rs
//!   too many connections  limits.rs
//!   bytes a second        throttle.rs ──► wrapped.rs
//!   a log of all that is received  traffic.rs ──► wrapped.rs
//!
//! whole connections
//!   a poem as a Deferred  poem.rs
//!   a file, piece by piece  files.rs
//!   a copy to another server  forward.rs
//! ```
//!
//! Files that need each other, and why: a responder is passed the `Asker` that asks, so
//! `asking.rs` and `responders.rs` name each other. In `redis/`, each file adds methods to the
//! one type `Redis`, which is in `redis/mod.rs`.
// What depends on the real clock or on randomness must come from the world; see `clippy.toml`
// beside this crate.
#![warn(clippy::disallowed_methods)]

mod asking;
mod boxes;
mod files;
mod forward;
mod framing;
mod limits;
mod lines;
mod netstrings;
mod no_answer;
mod poem;
mod prefixed;
mod receiver;
mod redis;
mod resp;
mod resp_value;
mod responders;
mod throttle;
mod timeouts;
mod traffic;
mod unread;
mod wrapped;

pub use asking::{Asker, asking};
pub use boxes::{BadBox, BoxError, Boxes, KeyValues};
pub use files::{Unsent, send_file};
pub use forward::forward;
pub use framing::{FrameError, Framing};
pub use limits::Limits;
pub use lines::Lines;
pub use netstrings::Netstrings;
pub use no_answer::{NoAnswer, NoQuestion, RemoteError, TooMany};
pub use poem::{PoemFactory, PoemProtocol, TooLong, get_poem};
pub use prefixed::{Prefix, Prefixed};
pub use receiver::{CutOff, Receiver, Receiving};
#[cfg(not(target_family = "wasm"))]
pub use redis::RedisThread;
pub use redis::{ClientId, Outgoing, Redis, RedisBounds, RedisServer};
pub use resp::Resp;
pub use resp_value::RespValue;
pub use responders::Responders;
pub use throttle::Throttle;
pub use timeouts::{Silent, TimeOut};
pub use traffic::{Heard, Traffic, log_traffic};
