//! A transport as a stream that is asked: pull on top of push, with backpressure both ways.
//!
//! The connection pushes bytes into the stream's inbox, and reading pauses when that is full. What is written is
//! refused while too much waits. Either side is woken when it can go on; no executor is needed for it.
use crate::{Address, Factory, Loss, Protocol, Transport, connect, connection::HIGH_WATER};
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
/// With the feature `futures` it has the traits of `futures-io`, with `tokio` those of tokio, with `hyper` those of
/// hyper. Without any, [`poll_read`](Stream::poll_read) and its sisters are there all the same.
///
/// Dropping it closes the connection in good order: what was written is sent first.
pub struct Stream {
    shared: Rc<Shared>,
    transport: Transport,
}

/// What the stream and its protocol have in common.
#[derive(Default)]
struct Shared {
    inbox: RefCell<VecDeque<u8>>,
    /// The peer sends no more, or the connection is lost.
    ended: Cell<bool>,
    failure: Cell<Option<(io::ErrorKind, Failure)>>,
    reader: Cell<Option<Waker>>,
    writer: Cell<Option<Waker>>,
    paused: Cell<bool>,
}

impl Stream {
    /// Takes a connection over: from now on its bytes go to the stream. Call it where nothing has been received yet,
    /// in `connection_made`, or hand in the `rest` that was.
    #[must_use]
    pub fn over(transport: &Transport, rest: &[u8]) -> Stream {
        let shared = Rc::<Shared>::default();
        transport.set_protocol(Box::new(Inbox(Rc::clone(&shared))), rest);
        if transport.is_lost() {
            shared.ended.set(true);
        }
        Stream {
            shared,
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
        let first = First(Cell::new(Some(resolver)));
        *connector.borrow_mut() = Some(connect(reactor, to, Rc::new(first)));
        stream
    }

    /// The transport underneath.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    // ANCHOR: poll_read
    /// Lends what has come to `take`, which says how much of it it used. 0 is the end of the stream. If it used nothing of
    /// what was lent, this waits for more bytes, the end or the loss.
    ///
    /// # Errors
    /// When the connection broke; each time it is asked.
    pub fn poll_read(
        &self,
        context: &mut Context<'_>,
        take: impl FnOnce(&[u8]) -> usize,
    ) -> Poll<io::Result<usize>> {
        let mut inbox = self.shared.inbox.borrow_mut();
        if inbox.is_empty() {
            if let Some(error) = self.shared.error() {
                return Poll::Ready(Err(error));
            }
            if self.shared.ended.get() {
                return Poll::Ready(Ok(0));
            }
            remember(&self.shared.reader, context.waker());
            return Poll::Pending;
        }
        let count = take(inbox.as_slices().0);
        if count == 0 {
            remember(&self.shared.reader, context.waker());
            return Poll::Pending;
        }
        inbox.drain(..count);
        let low = inbox.len() < HIGH_WATER / 2;
        drop(inbox);
        if low && self.shared.paused.replace(false) {
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
        if let Some(error) = self.shared.error() {
            return Poll::Ready(Err(error));
        }
        if !self.transport.takes_writes() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.transport.is_full() {
            remember(&self.shared.writer, context.waker());
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
        if let Some(error) = self.shared.error() {
            return Poll::Ready(Err(error));
        }
        if self.transport.waiting() > 0 {
            remember(&self.shared.writer, context.waker());
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

/// Keeps the waker, unless it is there already.
fn remember(place: &Cell<Option<Waker>>, waker: &Waker) {
    match place.take() {
        Some(known) if known.will_wake(waker) => place.set(Some(known)),
        _ => place.set(Some(waker.clone())),
    }
}

impl Shared {
    /// The failure, as an error that can be given again and again.
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

/// The protocol: what comes is kept until it is asked for.
struct Inbox(Rc<Shared>);

impl Protocol for Inbox {
    // ANCHOR: inbox
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        let full = {
            let mut inbox = self.0.inbox.borrow_mut();
            inbox.extend(data);
            inbox.len() >= HIGH_WATER
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
    // ANCHOR_END: inbox

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

/// Fires with the stream of its one connection.
struct First(Cell<Option<Resolver<Stream>>>);

impl Factory for First {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let resolver = self.0.take()?;
        Some(Box::new(Begin(Some(move |stream| {
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
        Some(Box::new(Begin(Some(self.0.clone()))))
    }
}

/// A protocol that becomes a stream as soon as it is connected.
struct Begin<F>(Option<F>);

impl<F: FnOnce(Stream)> Protocol for Begin<F> {
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
