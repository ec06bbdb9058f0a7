//! What a protocol is passed of its connection: to write, to end, to wait.
use crate::{
    Pace, Producer, ProducerError, Protocol,
    connection::Connection,
    reading::{POLICY, PROTOCOL},
    writing::HIGH_WATER,
};
use reactor::{Address, Handle};
use std::{fmt, io, panic::Location, rc::Rc};

/// One side of a connection. Clones are cheap and mean the same connection.
///
/// No method waits, and none calls your code: what you ask for is done when the turn ends. After
/// the loss each of them does nothing.
///
/// Sorted by what they do:
///
/// - write: [`write`](Transport::write), [`write_sequence`](Transport::write_sequence),
///   [`waiting`](Transport::waiting);
/// - end: [`lose_connection`](Transport::lose_connection),
///   [`lose_write_connection`](Transport::lose_write_connection),
///   [`abort_connection`](Transport::abort_connection), [`is_lost`](Transport::is_lost);
/// - hold the peer back: [`pause_reading`](Transport::pause_reading),
///   [`resume_reading`](Transport::resume_reading);
/// - be held back: [`register_producer`](Transport::register_producer),
///   [`unregister_producer`](Transport::unregister_producer);
/// - know: [`peer`](Transport::peer), [`host`](Transport::host), [`handle`](Transport::handle).
///
/// Source:
/// [`ITransport`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.ITransport.html).
#[derive(Clone)]
pub struct Transport(pub(crate) Rc<Connection>);

impl Transport {
    /// Writes bytes, after all that was written before. Returns at once: what the socket does not
    /// take now waits in memory, without a limit. If you write more than a few answers, look at
    /// [`waiting`](Transport::waiting), or be a [`Producer`].
    ///
    /// Less than 2 KiB is gathered until the turn ends, and goes out in one call with what else was
    /// written in this turn. More goes out at once if nothing waits.
    ///
    /// Ignored after the loss, and after you have asked for the end; a registered producer may
    /// write until it is unregistered.
    #[track_caller]
    pub fn write(&self, bytes: impl AsRef<[u8]>) {
        self.0.note_write(Location::caller());
        self.0.write(bytes.as_ref());
    }

    /// Writes several pieces in order, as if they were one.
    #[track_caller]
    pub fn write_sequence<B: AsRef<[u8]>>(&self, pieces: impl IntoIterator<Item = B>) {
        for piece in pieces {
            self.write(piece);
        }
    }

    /// Returns how many bytes were written and not taken by the operating system yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting()
    }

    /// Whether so much waits that a producer would be paused: more than 64 KiB.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.waiting() > HIGH_WATER
    }

    /// Whether what is written now can still be sent.
    pub(crate) fn takes_writes(&self) -> bool {
        self.0.takes_writes()
    }

    /// Closes in good order: what was written is sent, also what a registered producer still writes
    /// until it unregisters; then the connection closes, and the loss is
    /// [`Loss::Done`](crate::Loss::Done). No more data is received from now on. Asked twice, it
    /// happens once.
    #[track_caller]
    pub fn lose_connection(&self) {
        self.0.note_end(Location::caller());
        self.0.closing.set(true);
        self.0.schedule();
    }

    /// Sends what was written, as [`lose_connection`](Transport::lose_connection) does, and then
    /// says that nothing more comes. The peer reads the end; what it sends is still received. When
    /// it has ended, too, the connection closes.
    #[track_caller]
    pub fn lose_write_connection(&self) {
        self.0.note_end(Location::caller());
        self.0.write_closing.set(true);
        self.0.schedule();
    }

    /// Aborts the connection: what was not sent is thrown away, and the peer reads a reset. The
    /// loss is [`Loss::Aborted`](crate::Loss::Aborted), and comes later, never inside this call.
    #[track_caller]
    pub fn abort_connection(&self) {
        self.0.note_end(Location::caller());
        self.0.aborting.set(true);
        self.0.out.borrow_mut().clear(); // a failure that comes after this sends nothing, either
        self.0.schedule();
    }

    /// Whether the end was asked for, in good order or not, or has come. Data that has been
    /// received is worth nothing from then on: a protocol that cuts it into messages stops here.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.0.closing.get() || self.0.aborting.get() || self.0.lost.get()
    }

    /// Whether the connection is gone. A transport may be kept longer than its connection lives.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.lost.get()
    }

    /// Receives nothing until [`resume_reading`](Transport::resume_reading), not even the end. The
    /// kernel's buffers fill, and then the peer can send no more: so you hold it back. Pauses do
    /// not add up.
    pub fn pause_reading(&self) {
        self.0.set_paused(PROTOCOL, true);
    }

    /// Receives again, in a later turn.
    pub fn resume_reading(&self) {
        self.0.set_paused(PROTOCOL, false);
    }

    /// For a wrapper around a protocol: receives nothing until
    /// [`release_reading`](Transport::release_reading), whatever the protocol inside pauses and
    /// resumes meanwhile. While either wants it, nothing is read.
    ///
    /// ```
    /// # use deferreds::Failure;
    /// # use reactor::{Reactor, Sim};
    /// # use std::rc::Rc;
    /// # use transports::{Address, Protocol, Transport, connect, listen};
    /// struct Patient;
    ///
    /// impl Protocol for Patient {
    ///     fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
    ///         transport.hold_reading();
    ///         transport.resume_reading(); // the protocol's own wish, and not enough
    ///         let later = transport.clone();
    ///         let second = std::time::Duration::from_secs(1);
    ///         transport.handle().call_later(second, move |_| later.release_reading());
    ///         Ok(())
    ///     }
    ///     fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
    ///         assert!(transport.handle().now() > reactor::Time::from_secs(1));
    ///         Ok(transport.handle().stop()?)
    ///     }
    /// }
    /// # struct Speaks;
    /// # impl Protocol for Speaks {
    /// #     fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
    /// #         transport.write("hope");
    /// #         Ok(())
    /// #     }
    /// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
    /// # }
    /// # let mut reactor = Reactor::new(Sim::new(1));
    /// # let handle = reactor.handle();
    /// # let port = listen(&handle, &Address::loopback(0), Rc::new(|_: &Address| Patient))?;
    /// # connect(&handle, port.address(), Rc::new(|_: &Address| Speaks));
    /// # reactor.run()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hold_reading(&self) {
        self.0.set_paused(POLICY, true);
    }

    /// Receives again, unless the protocol has paused.
    pub fn release_reading(&self) {
        self.0.set_paused(POLICY, false);
    }

    /// Hands the connection to another protocol. `next` receives first `rest`, which the old one
    /// received and did not use, then what comes. Its `connection_made` is not called. The old
    /// protocol is dropped when its running callback returns.
    ///
    /// Ignored after the loss.
    pub fn set_protocol(&self, next: Box<dyn Protocol>, rest: &[u8]) {
        self.0.replace_protocol(next, rest);
    }

    /// Registers what is told from now on when to write and when to wait.
    ///
    /// # Errors
    /// [`ProducerError`] when there is one already, and when this transport takes no more writes.
    pub fn register_producer(
        &self,
        producer: Rc<dyn Producer>,
        pace: Pace,
    ) -> Result<(), ProducerError> {
        self.0.register_producer(producer, pace)
    }

    /// Says that the producer has written all it had. What waited for that goes on, such as a
    /// close. Without a producer this does nothing.
    pub fn unregister_producer(&self) {
        self.0.unregister_producer();
    }

    /// Returns the address of the other side.
    #[must_use]
    pub fn peer(&self) -> &Address {
        &self.0.peer
    }

    /// Returns the address of this side.
    ///
    /// # Errors
    /// `NotConnected` after the loss.
    pub fn host(&self) -> io::Result<Address> {
        self.0.reactor.local_address(self.0.id)
    }

    /// Returns the reactor that this connection lives in.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.0.reactor
    }

    /// Whether both mean the same connection.
    #[must_use]
    pub fn is(&self, other: &Transport) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("peer", &self.0.peer)
            .field("waiting", &self.waiting())
            .field("lost", &self.is_lost())
            .finish()
    }
}
