//! Bytes in, bytes out: Protocol, Factory, Transport, and what connects them.
//!
//! A [`Factory`] builds a [`Protocol`] for each connection. The connection calls it when something happens, and passes
//! a [`Transport`], by which it answers. [`listen`] opens a port, [`connect`] makes a connection.
//!
//! ```
//! use deferreds::Failure;
//! use reactor::{Address, Reactor, Sim};
//! use std::rc::Rc;
//! use transports::{Loss, Protocol, Transport, connect, listen};
//!
//! struct Echo;
//!
//! impl Protocol for Echo {
//!     fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
//!         transport.write(data);
//!         Ok(())
//!     }
//! }
//!
//! struct Asks;
//!
//! impl Protocol for Asks {
//!     fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
//!         transport.write("Gather ye rosebuds");
//!         Ok(())
//!     }
//!     fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
//!         assert_eq!(data, b"Gather ye rosebuds");
//!         transport.lose_connection();
//!         Ok(())
//!     }
//!     fn connection_lost(&mut self, transport: &Transport, _: Loss) {
//!         transport.handle().stop().unwrap();
//!     }
//! }
//!
//! let mut reactor = Reactor::new(Sim::new(1));
//! let handle = reactor.handle();
//! let port = listen(&handle, &Address::loopback(0), Rc::new(|_: &Address| Echo))?;
//! connect(&handle, port.address(), Rc::new(|_: &Address| Asks));
//! reactor.run()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way of a byte
//!
//! | where | file |
//! |---|---|
//! | a socket is ready; one read into the shared buffer; `data_received` | `connection.rs`, `reading.rs` |
//! | `write` puts bytes into the write buffer, or sends them | `connection.rs`, `outbox.rs` |
//! | the turn ends: one gathered write, then `write_drained`, producers, the close | `connection.rs`, `outbox.rs`, `producer.rs` |
//! | who accepts, who connects, whose turn it is to try | `listen.rs`, `connect.rs` |
//! | TLS lies in between | `layer.rs`, `layered.rs`, `tls.rs`, `cryptography.rs` |
//! | somebody asks instead of being told | `stream.rs`, `traits.rs` |
//! | datagrams, and streams that others opened | `datagram.rs`, `attach.rs` |
//! | a panic becomes a failure | `guard.rs` |
//!
//! Files that need each other, and why: `contract.rs` is the border to your code, and names the
//! `transport.rs` and `producer.rs` that `connection.rs` hands to it; `connection.rs` in turn calls the
//! contract. `reading.rs` is its reading half, and `connect.rs` makes connections, which it numbers.
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml` beside this crate.
#![warn(clippy::disallowed_methods)]

mod attach;
mod connect;
mod connection;
mod contract;
#[cfg(feature = "tls")]
mod cryptography;
mod datagram;
mod guard;
mod layer;
mod layered;
mod listen;
mod outbox;
mod producer;
mod reading;
mod shared;
mod stream;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(any(feature = "futures", feature = "tokio", feature = "hyper"))]
mod traits;
mod transport;

pub use attach::attach;
pub use connect::{ConnectError, ConnectOptions, Connector, connect, connect_any, connect_host};
pub use contract::{Factory, Loss, Protocol};
pub use datagram::{DatagramPort, DatagramProtocol, listen_datagrams};
pub use guard::Panicked;
pub use listen::{Port, listen, listen_on};
pub use producer::{Pace, Producer, ProducerError};
pub use reactor::Address;
pub use stream::{Stream, Streams};
pub use transport::Transport;
