//! A file sender: pieces of a file, each read when all before it has been sent.
use deferreds::{Deferred, Failure, Resolver};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    io::{self, Read},
    rc::Rc,
};
use transports::{Pace, Producer, Transport};

/// How much is read at a time, in bytes: at most so much of a file is in memory.
const PIECE: usize = 64 * 1024;

/// Sends all of `source`, and fires with the number of bytes when the operating system has taken
/// them. The connection stays open.
///
/// It fails when the transport has a producer already or takes no more writes, when reading fails,
/// and with [`Unsent`] when the connection is lost before the end. If reading fails, or the
/// Deferred is cancelled, the connection is aborted, since half a file must not look like a whole
/// one. Reading happens in the reactor's thread: give it files and memory, not what may wait.
///
/// ```
/// use deferreds::Failure;
/// use protocols::send_file;
/// use transports::{Protocol, Transport};
///
/// /// Sends a poem to each client.
/// struct Poem;
///
/// impl Protocol for Poem {
///     fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
///         let done = transport.clone();
///         let poem = &b"Hope is the thing with feathers"[..];
///         let _sent = send_file(transport, poem).add_callback(move |_| {
///             done.lose_connection();
///             Ok(())
///         });
///         Ok(())
///     }
///     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
///         Ok(())
///     }
/// }
/// ```
///
/// Source:
/// [`FileSender`](https://docs.twisted.org/en/stable/api/twisted.protocols.basic.FileSender.html).
// ANCHOR: sender
#[track_caller]
pub fn send_file(transport: &Transport, source: impl Read + 'static) -> Deferred<u64> {
    let unsent = transport.clone();
    let (resolver, sent) = Deferred::with_canceller(move |_| unsent.abort_connection());
    let sender = Rc::new(FileSender {
        source: RefCell::new(source),
        resolver: Cell::new(Some(resolver)),
        sent: Cell::new(0),
    });
    let producer = Rc::clone(&sender);
    if let Err(error) = transport.register_producer(producer, Pace::Pull)
        && let Some(resolver) = sender.resolver.take()
    {
        resolver.errback(error);
    }
    sent
}

struct FileSender<R> {
    source: RefCell<R>,
    resolver: Cell<Option<Resolver<u64>>>,
    sent: Cell<u64>,
}

impl<R: Read> Producer for FileSender<R> {
    fn resume_producing(&self, transport: &Transport) -> Result<(), Failure> {
        let mut piece = Vec::with_capacity(PIECE);
        let source = &mut *self.source.borrow_mut();
        if let Err(error) = source.take(PIECE as u64).read_to_end(&mut piece) {
            // Two of them, for the Deferred and for the connection: an error has no clone.
            let said = io::Error::new(error.kind(), error.to_string());
            if let Some(resolver) = self.resolver.take() {
                resolver.errback(error);
            }
            return Err(Failure::new(said));
        }
        if piece.is_empty() {
            transport.unregister_producer();
            if let Some(resolver) = self.resolver.take() {
                resolver.callback(self.sent.get());
            }
            return Ok(());
        }
        transport.write(&piece);
        self.sent.set(self.sent.get() + piece.len() as u64);
        Ok(())
    }

    fn stop_producing(&self, _: &Transport) {
        if let Some(resolver) = self.resolver.take() {
            resolver.errback(Unsent(self.sent.get()));
        }
    }
}
// ANCHOR_END: sender

/// The connection was lost in the middle of a file; so many bytes had been written, and some may
/// not have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsent(pub u64);

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the connection was lost after {} bytes of the file",
            self.0
        )
    }
}

impl Error for Unsent {}
