//! Bytes in, bytes out: Protocol, Factory, Transport, and what connects them.
//!
//! A [`Factory`] builds a [`Protocol`] for each connection. The connection calls it when something
//! happens, and passes a [`Transport`], by which it answers. [`listen`] opens a port, [`connect`]
//! makes a connection.
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
//! # The ways through the crate
//!
//! ```text
//! a byte that is received
//!   the socket is ready   connection.rs ──► one read into a buffer of all  reading.rs, read_buffers.rs
//!   TLS, if there is any  layered.rs ──► layer.rs, tls.rs, cryptography.rs
//!   data_received         contract.rs ──► your protocol; a panic is a failure  panics.rs
//!
//! a byte that is written
//!   Transport::write      transport.rs ──► writing.rs ──► kept in pieces  write_buffer.rs
//!   the turn ends         connection.rs ──► one gathered write  writing.rs, write_buffer.rs
//!                                       ──► write_drained, producers  producer.rs ──► the close
//!
//! a connection that is made
//!   connect               connect.rs ──► one attempt for each address  happy_eyeballs.rs
//!   listen                listen.rs ──► accepts
//!   attach                attach.rs ──► a stream that is there already
//!                         ──► connection.rs ──► connection_made
//!
//! other ways to read and write
//!   Stream                stream.rs ──► AsyncRead, AsyncWrite  io_traits.rs
//!   datagrams             datagram.rs
//!
//! a protocol around another one
//!   ProtocolWrapper       wrapper.rs
//! ```
//!
//! Files that need each other, and why: `contract.rs` is the border to your code, and names the
//! `transport.rs` and `producer.rs` that `connection.rs` hands to it; `connection.rs` in turn calls
//! the contract. `reading.rs` and `writing.rs` are halves of `connection.rs`, one type in several
//! files, and `layered.rs` is a third part.
// What depends on the real clock or on randomness must come from the world; see `clippy.toml`
// beside this crate.
#![warn(clippy::disallowed_methods)]

mod attach;
mod connect;
mod connection;
mod contract;
#[cfg(feature = "tls")]
mod cryptography;
mod datagram;
mod happy_eyeballs;
#[cfg(any(feature = "futures", feature = "tokio", feature = "hyper"))]
mod io_traits;
mod layer;
mod layered;
mod listen;
mod panics;
mod producer;
mod read_buffers;
mod reading;
mod stream;
#[cfg(feature = "tls")]
pub mod tls;
mod transport;
mod wrapper;
mod write_buffer;
mod writing;

pub use attach::attach;
pub use connect::{Connector, connect, connect_any, connect_host};
pub use contract::{Factory, Loss, Protocol};
pub use datagram::{DatagramPort, DatagramProtocol, listen_datagrams};
pub use happy_eyeballs::{ConnectError, ConnectOptions};
pub use listen::{Port, listen, listen_on};
pub use panics::Panicked;
pub use producer::{Pace, Producer, ProducerError};
pub use reactor::Address;
pub use stream::{Stream, Streams};
pub use transport::Transport;
pub use wrapper::ProtocolWrapper;
