//! The body of a response: bytes that are there, or bytes that a writer still adds.
use deferreds::{Failure, Resolver};
use hyper::body::{Bytes, Frame, SizeHint};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    error::Error,
    fmt,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// With more bytes than these waiting, [`drained`](crate::Writer::drained) does not fire before
/// half of it is gone.
pub(crate) const HIGH_WATER: usize = 64 * 1024;
/// The most bytes that may wait, for a writer that never waits itself.
pub(crate) const MAX_WAITING: usize = 16 * 1024 * 1024;

/// What a response carries.
#[derive(Default)]
pub struct Body(pub(crate) BodyKind);

pub(crate) enum BodyKind {
    Whole(Bytes),
    Written(BodyReader),
}

impl Default for BodyKind {
    fn default() -> BodyKind {
        BodyKind::Whole(Bytes::new())
    }
}

impl Body {
    /// Returns the bytes, unless they are still being written.
    #[must_use]
    pub fn whole(&self) -> Option<&Bytes> {
        match &self.0 {
            BodyKind::Whole(bytes) => Some(bytes),
            BodyKind::Written(_) => None,
        }
    }

    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, IncompleteBody>>> {
        match &mut self.0 {
            BodyKind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            BodyKind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            BodyKind::Written(reading) => reading.0.poll(context),
        }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        match &self.0 {
            BodyKind::Whole(bytes) => bytes.is_empty(),
            BodyKind::Written(_) => false,
        }
    }

    /// Whether all of it has been taken.
    pub(crate) fn was_taken(&self) -> bool {
        match &self.0 {
            BodyKind::Whole(bytes) => bytes.is_empty(),
            BodyKind::Written(reading) => reading.0.is_done(),
        }
    }

    pub(crate) fn size(&self) -> SizeHint {
        match &self.0 {
            BodyKind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            BodyKind::Written(_) => SizeHint::new(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BodyKind::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            BodyKind::Written(reading) => {
                write!(f, "Body(written, {} bytes wait)", reading.0.waiting.get())
            }
        }
    }
}

impl<B: Into<Bytes>> From<B> for Body {
    fn from(bytes: B) -> Body {
        Body(BodyKind::Whole(bytes.into()))
    }
}

/// How the reply of a [`Writer`](crate::Writer) was over.
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
    /// More than 16 MiB waited to be sent. The writer did not wait for
    /// [`drained`](crate::Writer::drained).
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
pub(crate) struct IncompleteBody(&'static str);

impl fmt::Display for IncompleteBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for IncompleteBody {}

#[derive(Clone, Copy)]
pub(crate) enum WriterState {
    Open,
    Finished,
    Cut(&'static str),
}

/// What a writer and its body share.
pub(crate) struct SharedState {
    pub(crate) reactor: Handle,
    pub(crate) pieces: RefCell<VecDeque<Bytes>>,
    pub(crate) waiting: Cell<usize>,
    pub(crate) writer: Cell<WriterState>,
    pub(crate) flushed: Cell<bool>,
    /// The body was dropped: no more pieces are taken.
    pub(crate) gone: Cell<bool>,
    pub(crate) reader: Cell<Option<Waker>>,
    pub(crate) drained: RefCell<Vec<Resolver<()>>>,
    pub(crate) ended: RefCell<Vec<Resolver<Ended>>>,
}

impl SharedState {
    fn poll(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, IncompleteBody>>> {
        let piece = self.pieces.borrow_mut().pop_front();
        if let Some(piece) = piece {
            self.waiting.set(self.waiting.get() - piece.len());
            if self.waiting.get() <= HIGH_WATER / 2 {
                self.fire_drained(true);
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.writer.get() {
            WriterState::Open => {
                self.reader.set(Some(context.waker().clone()));
                Poll::Pending
            }
            WriterState::Finished => {
                self.end_reply(Ended::Finished);
                Poll::Ready(None)
            }
            // First what was written goes out: at the error hyper drops what it still holds.
            WriterState::Cut(_) if !self.flushed.replace(true) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            WriterState::Cut(why) => Poll::Ready(Some(Err(IncompleteBody(why)))),
        }
    }

    /// Whether all was taken, and the writer has finished. hyper does not always ask once more.
    fn is_done(&self) -> bool {
        matches!(self.writer.get(), WriterState::Finished) && self.waiting.get() == 0
    }

    pub(crate) fn end_writing(&self, end: WriterState) {
        if let WriterState::Open = self.writer.get() {
            self.writer.set(end);
            self.wake();
        }
    }

    pub(crate) fn wake(&self) {
        if let Some(waker) = self.reader.take() {
            waker.wake();
        }
    }

    /// Fires them in calls of their own: hyper is in the middle of a poll.
    fn fire_drained(&self, well: bool) {
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

    fn end_reply(&self, how: Ended) {
        if self.gone.replace(true) {
            return;
        }
        self.fire_drained(false);
        for resolver in self.ended.take() {
            self.reactor.call_soon(move |_| resolver.callback(how));
        }
        drop(self.pieces.take());
        self.waiting.set(0);
    }
}

/// The reading side. hyper drops it when the client leaves.
pub(crate) struct BodyReader(pub(crate) Rc<SharedState>);

impl Drop for BodyReader {
    fn drop(&mut self) {
        self.0.end_reply(if self.0.is_done() {
            Ended::Finished
        } else {
            Ended::Left
        });
    }
}
