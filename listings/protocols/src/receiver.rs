//! A protocol that feeds a framing, and calls a receiver for each message.
use crate::Framing;
use deferreds::Failure;
use std::{error::Error, fmt};
use transports::{Loss, Protocol, Transport};

// ANCHOR: receiver
/// What one connection does with its messages; [`Receiving`] makes a [`Protocol`] of it.
pub trait Receiver<M> {
    /// The connection is there.
    ///
    /// # Errors
    /// Your own: the connection is aborted with it.
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let _ = transport;
        Ok(())
    }

    /// A whole message has come.
    ///
    /// # Errors
    /// Your own: the connection is aborted with it.
    fn message_received(&mut self, transport: &Transport, message: M) -> Result<(), Failure>;

    /// The peer sends no more: the connection is closed, unless you say otherwise, because an
    /// answer is still to come.
    fn peer_closed(&mut self, transport: &Transport) {
        transport.lose_connection();
    }

    /// The connection is gone: [`Loss::Failed`] with [`CutOff`] when it ended in good order, but in
    /// the middle of a message.
    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let _ = (transport, why);
    }
}
// ANCHOR_END: receiver

/// A protocol made of a framing and a receiver.
///
/// After [`lose_connection`](Transport::lose_connection) the receiver is called no more, however
/// many messages have come already. A pause of the transport is no end: no more is read, but
/// messages that have come already are still passed on. When the framing fails, the connection is
/// aborted, and the reason says what was wrong with the bytes.
///
/// ```
/// use deferreds::Failure;
/// use protocols::{Lines, Receiver, Receiving};
/// use std::rc::Rc;
/// use transports::{Address, Factory, Transport};
///
/// struct Shout;
///
/// impl Receiver<Vec<u8>> for Shout {
///     fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
///         transport.write_sequence([line.to_ascii_uppercase().as_slice(), b"\r\n"]);
///         Ok(())
///     }
/// }
///
/// let factory: Rc<dyn Factory> = Rc::new(|_: &Address| Receiving::new(Lines::new(1000), Shout));
/// # drop(factory);
/// ```
pub struct Receiving<F, R> {
    framing: F,
    receiver: R,
    /// The peer ended the stream, before this side asked for the end.
    ended: bool,
}

impl<F: Framing, R: Receiver<F::Message>> Receiving<F, R> {
    /// Calls `receiver` for each message that `framing` finds.
    pub fn new(framing: F, receiver: R) -> Receiving<F, R> {
        Receiving {
            framing,
            receiver,
            ended: false,
        }
    }
}

// ANCHOR: receiving
impl<F: Framing, R: Receiver<F::Message>> Protocol for Receiving<F, R> {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.receiver.connection_made(transport)
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.framing.feed(data);
        while !transport.is_closing()
            && let Some(message) = self.framing.next_message()?
        {
            self.receiver.message_received(transport, message)?;
        }
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        self.ended = !transport.is_closing();
        self.receiver.peer_closed(transport);
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let left_over = self.framing.left_over();
        let why = match why {
            Loss::Done if left_over > 0 && self.ended => {
                Loss::Failed(Failure::new(CutOff(left_over)))
            }
            why => why,
        };
        self.receiver.connection_lost(transport, why);
    }
}
// ANCHOR_END: receiving

/// The stream ended in the middle of a message, of which so many bytes had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff(pub usize);

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the stream ended in the middle of a message, after {} bytes of it",
            self.0
        )
    }
}

impl Error for CutOff {}
