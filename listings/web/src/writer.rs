//! Writing a body piece by piece, by a writer that finishes it once.
use crate::{
    Body, Response, StatusCode,
    answer::typed,
    body::{
        BodyKind, BodyReader, Ended, HIGH_WATER, MAX_WAITING, SharedState, WriteError, WriterState,
    },
};
use deferreds::{Deferred, Failure};
use hyper::{
    body::Bytes,
    header::{HeaderValue, X_CONTENT_TYPE_OPTIONS},
};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

// ANCHOR: streamed
/// Returns a response whose body is not done yet, and the writer that will write it. The head is
/// sent at once, with the status 200; change it, or add headers, before you return it.
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
/// Source: `NOT_DONE_YET` of
/// [`twisted.web.server`](https://docs.twisted.org/en/stable/api/twisted.web.server.html).
#[must_use]
pub fn streamed(reactor: &Handle, kind: &'static str) -> (Writer, Response) {
    // ANCHOR_END: streamed
    let state = Rc::new(SharedState {
        reactor: reactor.clone(),
        pieces: RefCell::default(),
        waiting: Cell::new(0),
        writer: Cell::new(WriterState::Open),
        flushed: Cell::new(false),
        gone: Cell::new(false),
        reader: Cell::default(),
        drained: RefCell::default(),
        ended: RefCell::default(),
    });
    let body = Body(BodyKind::Written(BodyReader(Rc::clone(&state))));
    let mut response = typed(StatusCode::OK, kind, body);
    // A browser that may guess what kind of page this is waits for more of it before it shows any.
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    (Writer(state), response)
}

/// Writes the body of a response, until it is finished. Dropped before that, the reply is cut off,
/// and the client can tell.
pub struct Writer(Rc<SharedState>);

impl Writer {
    /// Writes bytes after all that was written before. It returns at once; what the client has not
    /// taken yet waits in memory. Look at [`waiting`](Writer::waiting), or wait for
    /// [`drained`](Writer::drained).
    ///
    /// # Errors
    /// When the client has left, and when more than 16 MiB would wait: the reply is cut off then.
    pub fn write(&self, bytes: impl Into<Bytes>) -> Result<(), WriteError> {
        let (state, bytes) = (&self.0, bytes.into());
        if state.gone.get() {
            return Err(WriteError::Left);
        }
        if let WriterState::Cut(_) = state.writer.get() {
            return Err(WriteError::TooMuch);
        }
        if bytes.is_empty() {
            return Ok(()); // an empty chunk would be the last one
        }
        let waiting = state.waiting.get() + bytes.len();
        if waiting > MAX_WAITING {
            state.end_writing(WriterState::Cut("more than 16 MiB waited to be sent"));
            return Err(WriteError::TooMuch);
        }
        state.waiting.set(waiting);
        state.pieces.borrow_mut().push_back(bytes);
        state.wake();
        Ok(())
    }

    /// Returns how many bytes were written and not taken by the connection yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting.get()
    }

    /// Fires when it is time to write more: at once if at most 64 KiB wait, else when half of that
    /// is left. It fails with [`WriteError::Left`] when the client leaves before that.
    #[track_caller]
    pub fn drained(&self) -> Deferred<()> {
        if self.0.gone.get() {
            return Deferred::fail(WriteError::Left);
        }
        if self.waiting() <= HIGH_WATER {
            return Deferred::succeed(());
        }
        let (resolver, drained) = Deferred::new();
        self.0.drained.borrow_mut().push(resolver);
        drained
    }

    /// Writes, and waits until it is time to write more. A loop of these holds two pieces and 64
    /// KiB at most.
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

    /// Ends the body as complete. After the client has left it does nothing.
    pub fn finish(self) {
        self.0.end_writing(WriterState::Finished);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Only the first end counts, so after `finish` this does nothing.
        self.0
            .end_writing(WriterState::Cut("the page was never finished"));
    }
}
