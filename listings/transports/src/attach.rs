//! Streams that were neither accepted nor connected: pipes, pairs, standard input, what another
//! process handed over.
use crate::{Protocol, Transport, connection::Connection};
use reactor::{Address, Handle, Id};

/// Makes a connection of a stream that is there already. `connection_made` is called in the next
/// turn.
///
/// ```
/// # #[cfg(unix)]
/// # fn main() -> std::io::Result<()> {
/// use deferreds::Failure;
/// use reactor::{Kind, Os, Reactor};
/// use std::{io::Write, os::unix::net::UnixStream};
/// use transports::{Protocol, Transport, attach};
///
/// struct Reads;
///
/// impl Protocol for Reads {
///     fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
///         assert_eq!(data, b"Gather ye rosebuds");
///         Ok(transport.handle().stop()?)
///     }
/// }
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let handle = reactor.handle();
/// let (ours, mut theirs) = UnixStream::pair()?;
/// let id = handle.adopt(ours.into(), Kind::UnixStream)?;
/// attach(&handle, id, Box::new(Reads));
/// theirs.write_all(b"Gather ye rosebuds")?;
/// reactor.run().unwrap();
/// # Ok(())
/// # }
/// # #[cfg(not(unix))]
/// # fn main() {}
/// ```
///
/// A stream may go in one direction only, such as a pipe: reading from the end that writes is the
/// end of the stream, and writing to the end that reads loses the connection.
pub fn attach(reactor: &Handle, id: Id, protocol: Box<dyn Protocol>) -> Transport {
    let peer = reactor.peer_address(id);
    let peer = peer.unwrap_or(Address::Unix(Default::default()));
    let source = Connection::start(reactor, id, peer, protocol);
    let transport = Transport(source.0.clone());
    reactor.call_soon(move |_| source.0.tell_made());
    transport
}
