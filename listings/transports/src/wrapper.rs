//! A protocol around another one, which passes on what it does not change.
use crate::{Loss, Protocol, Transport};
use deferreds::Failure;

/// A protocol around another one. Write only the methods in which yours does more: each of the
/// others calls the same method of the protocol inside.
///
/// Whatever implements this is a [`Protocol`]. Wrappers that implement `Protocol` itself have to
/// pass on all six methods by hand. One that is forgotten has a default there, so it compiles, and
/// the protocol inside never hears of a handshake, or of a peer that has closed.
///
/// ```
/// use deferreds::Failure;
/// use transports::{Protocol, ProtocolWrapper, Transport};
///
/// /// Counts the bytes that come.
/// struct Counted<P> {
///     bytes: usize,
///     protocol: P,
/// }
///
/// impl<P: Protocol> ProtocolWrapper for Counted<P> {
///     type Inner = P;
///     fn inner(&mut self) -> &mut Self::Inner {
///         &mut self.protocol
///     }
///     fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
///         self.bytes += data.len();
///         self.protocol.data_received(transport, data)
///     }
/// }
///
/// fn is_protocol<P: Protocol>() {}
/// # struct Echo;
/// # impl Protocol for Echo {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
/// is_protocol::<Counted<Echo>>();
/// ```
///
/// Source:
/// [`ProtocolWrapper`](https://docs.twisted.org/en/stable/api/twisted.protocols.policies.ProtocolWrapper.html).
pub trait ProtocolWrapper {
    /// The protocol inside.
    type Inner: Protocol + ?Sized;

    /// Returns the protocol inside, which is called.
    fn inner(&mut self) -> &mut Self::Inner;

    /// See [`Protocol::connection_made`].
    ///
    /// # Errors
    /// Those of the protocol inside: the connection is aborted.
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.inner().connection_made(transport)
    }

    /// See [`Protocol::data_received`].
    ///
    /// # Errors
    /// Those of the protocol inside: the connection is aborted.
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.inner().data_received(transport, data)
    }

    /// See [`Protocol::handshake_completed`].
    ///
    /// # Errors
    /// Those of the protocol inside: the connection is aborted.
    fn handshake_completed(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.inner().handshake_completed(transport)
    }

    /// See [`Protocol::write_drained`].
    fn write_drained(&mut self, transport: &Transport) {
        self.inner().write_drained(transport);
    }

    /// See [`Protocol::peer_closed`].
    fn peer_closed(&mut self, transport: &Transport) {
        self.inner().peer_closed(transport);
    }

    /// See [`Protocol::connection_lost`].
    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        self.inner().connection_lost(transport, why);
    }
}

/// The one place to change when `Protocol` has a new method. The compiler does not ask for it, since
/// what is missing here has the default of `Protocol`; `tests/wrapper.rs` does.
impl<W: ProtocolWrapper> Protocol for W {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        ProtocolWrapper::connection_made(self, transport)
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        ProtocolWrapper::data_received(self, transport, data)
    }

    fn handshake_completed(&mut self, transport: &Transport) -> Result<(), Failure> {
        ProtocolWrapper::handshake_completed(self, transport)
    }

    fn write_drained(&mut self, transport: &Transport) {
        ProtocolWrapper::write_drained(self, transport);
    }

    fn peer_closed(&mut self, transport: &Transport) {
        ProtocolWrapper::peer_closed(self, transport);
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        ProtocolWrapper::connection_lost(self, transport, why);
    }
}
