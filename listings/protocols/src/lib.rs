//! Messages out of bytes: framings without I/O, what receives them, and policies around a factory.
//!
//! A connection delivers bytes, cut wherever the network cut them. A [`Framing`] puts messages together again: bytes
//! go in with [`feed`](Framing::feed), messages come out of [`next_message`](Framing::next_message). It holds no socket
//! and no clock, so it works on any transport, in a test, and under tokio.
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
//! # The way of a message
//!
//! | what | file |
//! |---|---|
//! | the contract: bytes in, messages out | `framing.rs` |
//! | unread bytes, and where the search goes on | `unread.rs` |
//! | lines; netstrings; a length before each message; boxes of keys and values | `lines.rs`, `netstrings.rs`, `prefixed.rs`, `boxes.rs` |
//! | a protocol that feeds a framing and calls a receiver for each message | `receiver.rs` |
//! | questions and answers in boxes, and who answers | `asking.rs`, `responders.rs`, `no_answer.rs` |
//! | values of Redis | `resp.rs`, `resp_value.rs` |
//! | a poem as a Deferred | `poem.rs` |
//! | a small Redis: bytes in, bytes out; the same on our reactor | `redis/mod.rs`, `redis/serve.rs` |
//! | that one in a thread of its own, where there are threads | `redis/thread.rs` |
//!
//! # Policies
//!
//! | what | file |
//! |---|---|
//! | a peer that is silent for too long | `timeouts.rs` |
//! | how many connections, from one peer and in total | `limits.rs` |
//! | how many bytes a second | `throttle.rs` |
//! | a line for all that a connection hears | `traffic.rs` |
//! | what the last two are made of | `wrapped.rs` |
//! | a file, piece by piece | `files.rs` |
//! | a connection copied to another server | `forward.rs` |
//!
//! Files that need each other, and why: `asking.rs` sends what `responders.rs` answers, in boxes whose
//! errors `no_answer.rs` names. A framing and its value, `resp.rs` and `resp_value.rs`, read and write
//! each other. In `redis/`, a session holds a transaction, whose commands the session carries out.
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml` beside this crate.
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
