//! What can lie between a socket and its protocol: TLS. Without it, bytes pass as they are.
use crate::write_buffer::WriteBuffer;
use deferreds::Failure;

/// Turns the protocol's bytes into the socket's, and back. It does no I/O.
pub(crate) trait Layer {
    /// Takes bytes of the socket. What they mean is in `plain` afterwards.
    ///
    /// # Errors
    /// They mean nothing. What is left to [`send`](Layer::send) tells the peer so.
    fn received(&mut self, bytes: &[u8], plain: &mut Vec<u8>) -> Result<(), Failure>;

    /// Takes the end of the socket.
    ///
    /// # Errors
    /// The peer did not say that it would.
    fn ended(&mut self) -> Result<(), Failure>;

    /// Whether the peer has said that it sends no more.
    fn peer_closed(&self) -> bool;

    /// Whether both sides know each other, and bytes can pass.
    fn is_ready(&self) -> bool;

    /// Takes bytes of the protocol.
    fn write(&mut self, plain: &[u8]);

    /// Says that this side sends no more.
    fn close(&mut self);

    /// Moves what the socket is to send.
    fn send(&mut self, out: &mut WriteBuffer);

    /// Returns how many of the protocol's bytes wait inside.
    fn waiting(&self) -> usize;

    /// Returns the connection of the library behind it, for code that knows its type.
    #[cfg(feature = "tls")]
    fn facts(&self) -> &dyn std::any::Any;
}
