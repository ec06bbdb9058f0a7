//! The contract between a connection and your code: Protocol, Factory, Loss.
use crate::Transport;
use deferreds::Failure;
use reactor::Address;
use std::{fmt, io};

// ANCHOR: protocol
/// What one connection does with its bytes. A connection owns its protocol and calls it: first
/// [`connection_made`](Protocol::connection_made), at last
/// [`connection_lost`](Protocol::connection_lost), each once, and nothing after that.
///
/// Every method is passed the [`Transport`], so a protocol need not keep it. One that does makes no
/// leak: the connection drops its protocol when it is lost, and all connections are lost when the
/// reactor is dropped.
///
/// An `Err`, or a panic, costs this connection and no other: it is aborted, and `connection_lost`
/// says why. What was written before is still sent, as far as the socket takes it at once, and then
/// the peer reads a reset.
///
/// ```
/// use deferreds::Failure;
/// use transports::{Protocol, Transport};
///
/// struct Echo;
///
/// impl Protocol for Echo {
///     fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
///         transport.write(data);
///         Ok(())
///     }
/// }
/// ```
///
/// Source:
/// [`twisted.internet.protocol.Protocol`](https://docs.twisted.org/en/stable/api/twisted.internet.protocol.Protocol.html).
pub trait Protocol {
    /// The connection is there, and can be written to.
    ///
    /// # Errors
    /// Your own: the connection is aborted with it.
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let _ = transport;
        Ok(())
    }

    /// Bytes have come: one or more, and at most 64 KiB. Where one call ends and the next begins
    /// means nothing; see the chapter's page on what one call can hold.
    ///
    /// # Errors
    /// Your own: the connection is aborted with it.
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure>;

    /// TLS that was begun with `start_tls` is there: what is written from now on is secret.
    ///
    /// # Errors
    /// Your own: the connection is aborted with it.
    fn handshake_completed(&mut self, transport: &Transport) -> Result<(), Failure> {
        let _ = transport;
        Ok(())
    }

    /// All that was written has been taken by the operating system. Called at the end of a turn,
    /// once for all that was written since the last time. Whether the peer has read it is not
    /// known here.
    fn write_drained(&mut self, transport: &Transport) {
        let _ = transport;
    }

    /// The peer sends no more, but may still read. Unless you say otherwise, that is the end: what
    /// was written is flushed, and the connection closes.
    fn peer_closed(&mut self, transport: &Transport) {
        transport.lose_connection();
    }

    /// The connection is gone. What you write now is ignored. The protocol is dropped afterwards.
    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let _ = (transport, why);
    }
}
// ANCHOR_END: protocol

// ANCHOR: loss
/// How a connection ended.
#[derive(Debug)]
pub enum Loss {
    /// In good order: one side closed it, and all that was written before has been handed to the
    /// operating system.
    Done,
    /// This side gave it up: by [`abort_connection`](Transport::abort_connection), or because the
    /// reactor is gone.
    Aborted,
    /// It broke: reset by the peer, or its own protocol failed.
    Failed(Failure),
}
// ANCHOR_END: loss

impl fmt::Display for Loss {
    /// Says it in a few words, the same in every world: of an error of the system only its kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Done => f.write_str("closed in good order"),
            Loss::Aborted => f.write_str("given up by this side"),
            Loss::Failed(failure) => match failure.check::<io::Error>() {
                Some(error) if error.get_ref().is_none() => error.kind().fmt(f),
                _ => failure.fmt(f),
            },
        }
    }
}

// ANCHOR: factory
/// Builds a protocol for each connection. What connections share, the factory owns and hands to
/// each.
///
/// A function of the peer's address is a factory, too:
///
/// ```
/// use std::rc::Rc;
/// use transports::{Address, Factory};
/// # use deferreds::Failure;
/// # use transports::{Protocol, Transport};
/// # struct Echo;
/// # impl Protocol for Echo {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
/// let factory: Rc<dyn Factory> = Rc::new(|_: &Address| Echo);
/// # drop(factory);
/// ```
///
/// Source:
/// [`twisted.internet.protocol.Factory`](https://docs.twisted.org/en/stable/api/twisted.internet.protocol.Factory.html).
pub trait Factory {
    /// Returns the protocol for a connection that was made, to or from `peer`. `None` refuses the
    /// connection: it is closed at once.
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>>;

    /// There will be no connection: refused, timed out, cancelled. Called once for a
    /// [`connect`](crate::connect), never inside it.
    fn connection_failed(&self, to: &Address, why: Failure) {
        let _ = (to, why);
    }

    /// Returns the protocols that it speaks over TLS, the best first, as ALPN names them; none by
    /// default. A configuration that names some itself is believed instead.
    fn alpn(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }
}
// ANCHOR_END: factory

impl<F, P> Factory for F
where
    F: Fn(&Address) -> P,
    P: Protocol + 'static,
{
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(self(peer)))
    }
}
