//! A transport as a stream: pull on top of push, with backpressure both ways.
//!
//! The connection pushes bytes into the read buffer of the stream, and reading pauses when that is
//! full. What is written is refused while too much waits. Either side is woken when it can go on;
//! no executor is needed for it.
use crate::{Address, Factory, Loss, Protocol, Transport, connect, writing::HIGH_WATER};
use deferreds::{Deferred, Failure, Resolver};
use reactor::{Handle, Panics};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt, io,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// A connection as a stream of bytes: `AsyncRead` and `AsyncWrite`.
///
/// With the feature `futures` it has the traits of `futures-io`, with `tokio` those of tokio, with
/// `hyper` those of hyper. Without any, [`poll_read`](Stream::poll_read) and its sisters are there
/// all the same.
///
/// Dropping it closes the connection in good order: what was written is sent first.
pub struct Stream {
    state: Rc<SharedState>,
    transport: Transport,
}

/// What the stream and its protocol share.
#[derive(Default)]
struct SharedState {
    read_buffer: RefCell<VecDeque<u8>>,
    /// The peer sends no more, or the connection is lost.
    ended: Cell<bool>,
    failure: Cell<Option<(io::ErrorKind, Failure)>>,
    reader: Cell<Option<Waker>>,
    writer: Cell<Option<Waker>>,
    paused: Cell<bool>,
}

impl Stream {
    /// Takes a connection over: from now on its bytes go to the stream. Call it where nothing has
    /// been received yet, in `connection_made`, or hand in the `rest` that was.
    #[must_use]
    pub fn over(transport: &Transport, rest: &[u8]) -> Stream {
        let state = Rc::<SharedState>::default();
        transport.set_protocol(Box::new(StreamProtocol(Rc::clone(&state))), rest);
        if transport.is_lost() {
            state.ended.set(true);
        }
        Stream {
            state,
            transport: transport.clone(),
        }
    }

    /// Connects, and fires with the stream. Cancelling it cancels the attempt.
    ///
    /// It fails as [`connect`] does.
    #[track_caller]
    pub fn connect(reactor: &Handle, to: &Address) -> Deferred<Stream> {
        let connector = Rc::new(RefCell::new(None::<crate::Connector>));
        let canceller = Rc::clone(&connector);
        let (resolver, stream) = Deferred::with_canceller(move |_| {
            if let Some(connector) = canceller.take() {
                connector.cancel();
            }
        });
        let first = FireOnConnect(Cell::new(Some(resolver)));
        *connector.borrow_mut() = Some(connect(reactor, to, Rc::new(first)));
        stream
    }

    /// Returns the transport underneath.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    // ANCHOR: poll_read
    /// Lends what has come to `take`, which says how much of it it used. 0 is the end of the
    /// stream. If it used nothing of what was lent, this waits for more bytes, the end or the loss.
    ///
    /// # Errors
    /// When the connection broke; each time it is asked.
    pub fn poll_read(
        &self,
        context: &mut Context<'_>,
        take: impl FnOnce(&[u8]) -> usize,
    ) -> Poll<io::Result<usize>> {
        let mut read_buffer = self.state.read_buffer.borrow_mut();
        if read_buffer.is_empty() {
            if let Some(error) = self.state.error() {
                return Poll::Ready(Err(error));
            }
            if self.state.ended.get() {
                return Poll::Ready(Ok(0));
            }
            store_waker(&self.state.reader, context.waker());
            return Poll::Pending;
        }
        // One of the two slices of the ring: the other is lent when this one is used up.
        let count = take(read_buffer.as_slices().0);
        // It needs more than there is, for example a whole line.
        if count == 0 {
            store_waker(&self.state.reader, context.waker());
            return Poll::Pending;
        }
        read_buffer.drain(..count);
        // At half: a reader of small pieces must not pause and resume the peer at each of them.
        let low = read_buffer.len() < HIGH_WATER / 2;
        drop(read_buffer);
        if low && self.state.paused.replace(false) {
            self.transport.resume_reading();
        }
        Poll::Ready(Ok(count))
    }
    // ANCHOR_END: poll_read

    // ANCHOR: poll_write
    /// Writes all of `bytes`, or waits while more than 64 KiB wait to be sent.
    ///
    /// # Errors
    /// When the connection broke; `BrokenPipe` when it is closed.
    pub fn poll_write(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(error) = self.state.error() {
            return Poll::Ready(Err(error));
        }
        if !self.transport.takes_writes() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.transport.is_full() {
            store_waker(&self.state.writer, context.waker());
            return Poll::Pending;
        }
        self.transport.write(bytes);
        Poll::Ready(Ok(bytes.len()))
    }
    // ANCHOR_END: poll_write

    /// Waits until the operating system has taken all that was written.
    ///
    /// # Errors
    /// When the connection broke before that.
    pub fn poll_flush(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(error) = self.state.error() {
            return Poll::Ready(Err(error));
        }
        if self.transport.waiting() > 0 {
            store_waker(&self.state.writer, context.waker());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// Says that nothing more will be written, once all before it has been sent. Reading goes on.
    ///
    /// # Errors
    /// Those of [`poll_flush`](Stream::poll_flush).
    pub fn poll_close(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.transport.lose_write_connection();
        self.poll_flush(context)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.transport.lose_connection();
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stream").field(&self.transport).finish()
    }
}

/// Keeps the waker for the next time that there is something to read, or room to write.
fn store_waker(slot: &Cell<Option<Waker>>, waker: &Waker) {
    match slot.take() {
        Some(known) if known.will_wake(waker) => slot.set(Some(known)),
        _ => slot.set(Some(waker.clone())),
    }
}

impl SharedState {
    /// Returns the failure as an error, however often it is asked for.
    fn error(&self) -> Option<io::Error> {
        let (kind, failure) = self.failure.take()?;
        let error = io::Error::new(kind, failure.to_string());
        self.failure.set(Some((kind, failure)));
        Some(error)
    }

    fn wake(&self) {
        // Both are woken, also when the first is one that panics.
        let mut panics = Panics::default();
        for waker in [self.reader.take(), self.writer.take()] {
            panics.catch(|| waker.map(Waker::wake));
        }
        panics.go_on();
    }
}

/// The protocol under a stream: keeps what comes until it is asked for.
struct StreamProtocol(Rc<SharedState>);

impl Protocol for StreamProtocol {
    // ANCHOR: data_received
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        let full = {
            let mut read_buffer = self.0.read_buffer.borrow_mut();
            read_buffer.extend(data);
            read_buffer.len() >= HIGH_WATER
        };
        if full {
            self.0.paused.set(true);
            transport.pause_reading();
        }
        if let Some(waker) = self.0.reader.take() {
            waker.wake();
        }
        Ok(())
    }

    fn write_drained(&mut self, _: &Transport) {
        if let Some(waker) = self.0.writer.take() {
            waker.wake();
        }
    }
    // ANCHOR_END: data_received

    fn peer_closed(&mut self, _: &Transport) {
        self.0.ended.set(true);
        self.0.wake();
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.0.ended.set(true);
        match why {
            Loss::Done => {}
            Loss::Aborted => {
                let failure = Failure::new("the connection was aborted by this side");
                self.0
                    .failure
                    .set(Some((io::ErrorKind::ConnectionAborted, failure)));
            }
            Loss::Failed(failure) => {
                let kind = failure.check::<io::Error>().map(io::Error::kind);
                let kind = kind.unwrap_or(io::ErrorKind::Other);
                self.0.failure.set(Some((kind, failure)));
            }
        }
        self.0.wake();
    }
}

/// A factory for one connection: fires with its stream, or with why there is none.
struct FireOnConnect(Cell<Option<Resolver<Stream>>>);

impl Factory for FireOnConnect {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let resolver = self.0.take()?;
        Some(Box::new(IntoStream(Some(move |stream| {
            resolver.callback(stream)
        }))))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self.0.take() {
            resolver.errback(why);
        }
    }
}

/// A factory for [`listen`](crate::listen): calls a function with each connection, as a stream.
///
/// ```
/// use reactor::{Address, Reactor, Sim};
/// use std::rc::Rc;
/// use transports::{Stream, Streams, listen};
///
/// let reactor = Reactor::new(Sim::new(1));
/// let serve = |stream: Stream| drop(stream); // or: spawn(&handle, talk(stream))
/// listen(&reactor.handle(), &Address::loopback(0), Rc::new(Streams(serve)))?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Streams<F>(pub F);

impl<F: Fn(Stream) + Clone + 'static> Factory for Streams<F> {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(IntoStream(Some(self.0.clone()))))
    }
}

/// A protocol that makes a stream of its connection as soon as it is there.
struct IntoStream<F>(Option<F>);

impl<F: FnOnce(Stream)> Protocol for IntoStream<F> {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let stream = Stream::over(transport, &[]);
        if let Some(begin) = self.0.take() {
            begin(stream);
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(()) // the stream has taken over
    }
}
