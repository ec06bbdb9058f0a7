//! The body of a response: bytes that are there, or bytes that somebody still writes.
use crate::{Response, StatusCode, answer::typed};
use deferreds::{Deferred, Failure, Resolver};
use hyper::{
    body::{Bytes, Frame, SizeHint},
    header::{HeaderValue, X_CONTENT_TYPE_OPTIONS},
};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    error::Error,
    fmt,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// More than so many bytes that wait: [`Writer::drained`] does not fire before half of it is gone.
const HIGH: usize = 64 * 1024;
/// A writer that never looks may have so many bytes waiting, and no more.
const MOST: usize = 16 * 1024 * 1024;

/// What a response carries.
#[derive(Default)]
pub struct Body(Kind);

enum Kind {
    Whole(Bytes),
    Written(Reading),
}

impl Default for Kind {
    fn default() -> Kind {
        Kind::Whole(Bytes::new())
    }
}

impl Body {
    /// Returns the bytes, unless they are still being written.
    #[must_use]
    pub fn whole(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes),
            Kind::Written(_) => None,
        }
    }

    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Written(reading) => reading.0.poll(context),
        }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Written(_) => false,
        }
    }

    /// Whether all of it has been taken.
    pub(crate) fn was_taken(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Written(reading) => reading.0.is_done(),
        }
    }

    pub(crate) fn size(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Written(_) => SizeHint::new(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Written(reading) => {
                write!(f, "Body(written, {} bytes wait)", reading.0.waiting.get())
            }
        }
    }
}

impl<B: Into<Bytes>> From<B> for Body {
    fn from(bytes: B) -> Body {
        Body(Kind::Whole(bytes.into()))
    }
}

// ANCHOR: streamed
/// Returns a response whose body is not done yet, and the writer that will write it. The head is sent at once, with the
/// status 200; change it, or add headers, before you return it.
///
/// ```
/// use reactor::{Reactor, Sim};
/// let reactor = Reactor::new(Sim::new(1));
/// let (writer, response) = web::streamed(&reactor.handle(), "text/plain; charset=utf-8");
/// writer.write("Because I could not stop for Death –")?;
/// writer.finish(); // a second time would not compile
/// # drop(response);
/// # Ok::<(), web::WriteError>(())
/// ```
///
/// Source: `NOT_DONE_YET` of [`twisted.web.server`](https://docs.twisted.org/en/stable/api/twisted.web.server.html).
#[must_use]
pub fn streamed(reactor: &Handle, kind: &'static str) -> (Writer, Response) {
    // ANCHOR_END: streamed
    let open = Rc::new(Open {
        reactor: reactor.clone(),
        pieces: RefCell::default(),
        waiting: Cell::new(0),
        end: Cell::new(End::None),
        flushed: Cell::new(false),
        gone: Cell::new(false),
        reader: Cell::default(),
        drained: RefCell::default(),
        ended: RefCell::default(),
    });
    let body = Body(Kind::Written(Reading(Rc::clone(&open))));
    let mut response = typed(StatusCode::OK, kind, body);
    // A browser that may guess what kind of page this is waits for more of it before it shows any.
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    (Writer(open), response)
}

/// Writes the body of a response, until it is finished. Dropped before that, the reply is cut off, and the client can tell.
pub struct Writer(Rc<Open>);

impl Writer {
    /// Writes bytes after all that was written before. It returns at once; what the client has not taken yet waits in
    /// memory. Look at [`waiting`](Writer::waiting), or wait for [`drained`](Writer::drained).
    ///
    /// # Errors
    /// When the client has left, and when more than 16 MiB would wait: the reply is cut off then.
    pub fn write(&self, bytes: impl Into<Bytes>) -> Result<(), WriteError> {
        let (open, bytes) = (&self.0, bytes.into());
        if open.gone.get() {
            return Err(WriteError::Left);
        }
        if let End::Cut(_) = open.end.get() {
            return Err(WriteError::TooMuch);
        }
        if bytes.is_empty() {
            return Ok(()); // an empty chunk would be the last one
        }
        let waiting = open.waiting.get() + bytes.len();
        if waiting > MOST {
            open.end(End::Cut("more than 16 MiB waited to be sent"));
            return Err(WriteError::TooMuch);
        }
        open.waiting.set(waiting);
        open.pieces.borrow_mut().push_back(bytes);
        open.wake();
        Ok(())
    }

    /// Returns how many bytes were written and not taken by the connection yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting.get()
    }

    /// Fires when it is time to write more: at once if at most 64 KiB wait, else when half of that is left.
    /// It fails with [`WriteError::Left`] when the client leaves before that.
    #[track_caller]
    pub fn drained(&self) -> Deferred<()> {
        if self.0.gone.get() {
            return Deferred::fail(WriteError::Left);
        }
        if self.waiting() <= HIGH {
            return Deferred::succeed(());
        }
        let (resolver, drained) = Deferred::new();
        self.0.drained.borrow_mut().push(resolver);
        drained
    }

    /// Writes, and waits until it is time to write more. A loop of these holds two pieces and 64 KiB at most.
    ///
    /// # Errors
    /// Those of [`write`](Writer::write).
    pub async fn send(&self, bytes: impl Into<Bytes>) -> Result<(), Failure> {
        self.write(bytes)?;
        self.drained().await
    }

    /// Fires when the reply is over, and says how. It never fails.
    #[track_caller]
    pub fn ended(&self) -> Deferred<Ended> {
        if self.0.gone.get() {
            return Deferred::succeed(Ended::Left);
        }
        let (resolver, ended) = Deferred::new();
        self.0.ended.borrow_mut().push(resolver);
        ended
    }

    /// The body is complete. After the client has left it does nothing.
    pub fn finish(self) {
        self.0.end(End::Finished);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Only the first end counts, so after `finish` this does nothing.
        self.0.end(End::Cut("the page was never finished"));
    }
}

/// How the reply of a [`Writer`] was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was finished, and the connection has taken all of it.
    Finished,
    /// The client left before that, or the writer was dropped.
    Left,
}

/// Why a write was for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The client has left.
    Left,
    /// More than 16 MiB waited to be sent. The writer did not wait for [`drained`](Writer::drained).
    TooMuch,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WriteError::Left => "the client has left",
            WriteError::TooMuch => {
                "more than 16 MiB wait to be sent: wait for `drained` between writes"
            }
        })
    }
}

impl Error for WriteError {}

/// The reply is not complete, and the connection ends so that the client can tell.
#[derive(Debug)]
pub(crate) struct Cut(&'static str);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Cut {}

#[derive(Clone, Copy)]
enum End {
    None,
    Finished,
    Cut(&'static str),
}

/// What a writer and its body have in common.
struct Open {
    reactor: Handle,
    pieces: RefCell<VecDeque<Bytes>>,
    waiting: Cell<usize>,
    end: Cell<End>,
    flushed: Cell<bool>,
    /// The body was dropped: nobody will take another piece.
    gone: Cell<bool>,
    reader: Cell<Option<Waker>>,
    drained: RefCell<Vec<Resolver<()>>>,
    ended: RefCell<Vec<Resolver<Ended>>>,
}

impl Open {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let piece = self.pieces.borrow_mut().pop_front();
        if let Some(piece) = piece {
            self.waiting.set(self.waiting.get() - piece.len());
            if self.waiting.get() <= HIGH / 2 {
                self.tell_drained(true);
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.end.get() {
            End::None => {
                self.reader.set(Some(context.waker().clone()));
                Poll::Pending
            }
            End::Finished => {
                self.over(Ended::Finished);
                Poll::Ready(None)
            }
            // First what was written goes out: at the error hyper drops what it still holds.
            End::Cut(_) if !self.flushed.replace(true) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut(why) => Poll::Ready(Some(Err(Cut(why)))),
        }
    }

    /// All was taken, and it was finished. hyper does not always ask once more.
    fn is_done(&self) -> bool {
        matches!(self.end.get(), End::Finished) && self.waiting.get() == 0
    }

    fn end(&self, end: End) {
        if let End::None = self.end.get() {
            self.end.set(end);
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.reader.take() {
            waker.wake();
        }
    }

    /// Fires them in a call of their own: whoever polls the body is in the middle of something.
    fn tell_drained(&self, well: bool) {
        for resolver in self.drained.take() {
            self.reactor.call_soon(move |_| {
                resolver.fire(if well {
                    Ok(())
                } else {
                    Err(Failure::new(WriteError::Left))
                });
            });
        }
    }

    fn over(&self, how: Ended) {
        if self.gone.replace(true) {
            return;
        }
        self.tell_drained(false);
        for resolver in self.ended.take() {
            self.reactor.call_soon(move |_| resolver.callback(how));
        }
        drop(self.pieces.take());
        self.waiting.set(0);
    }
}

/// The end that is read. Dropping it is how a client leaves.
struct Reading(Rc<Open>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.over(if self.0.is_done() {
            Ended::Finished
        } else {
            Ended::Left
        });
    }
}
