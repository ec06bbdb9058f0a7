//! What hyper reads and writes: the stream, in portions of one request.
use crate::connection_state::{ConnectionState, ReadLimit};
use hyper::rt::{Read, ReadBufCursor, Write};
use std::{
    future::poll_fn,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};
use transports::Stream;

/// After the last reply so many bytes more are read and thrown away.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;

/// A stream as hyper wants it, which lets one request in at a time.
pub(crate) struct HyperIo {
    stream: Stream,
    state: Rc<ConnectionState>,
}

impl HyperIo {
    pub(crate) fn new(stream: Stream, state: Rc<ConnectionState>) -> HyperIo {
        HyperIo { stream, state }
    }

    /// Says that nothing more comes, and reads what the client still sends. Closing with unread
    /// bytes would reset the connection, and then the client may lose the reply that it has not
    /// read yet.
    pub(crate) async fn linger(self) -> io::Result<()> {
        poll_fn(|context| self.stream.poll_close(context)).await?;
        let mut left = MAX_DISCARDED;
        while left > 0 {
            let read = poll_fn(|context| self.stream.poll_read(context, <[u8]>::len)).await?;
            if read == 0 {
                break;
            }
            left = left.saturating_sub(read);
        }
        Ok(())
    }
}

impl Read for HyperIo {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let state = &self.state;
        let read_limit = state.read_limit.get();
        let mut held_back = false;
        let read = self.stream.poll_read(context, |bytes| {
            let bytes = &bytes[..bytes.len().min(buffer.remaining())];
            let count = match read_limit {
                ReadLimit::Unlimited => bytes.len(),
                ReadLimit::Body(left) => {
                    usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()))
                }
                ReadLimit::Head => match state.head.borrow_mut().feed(bytes) {
                    None => bytes.len(),
                    Some(end) => {
                        state.read_limit.set(ReadLimit::Body(0));
                        end
                    }
                },
            };
            held_back = count == 0;
            buffer.put_slice(&bytes[..count]);
            count
        });
        if held_back {
            // The next request is there already. It has to wait for the reply to this one, unless
            // the client has gone.
            if state.transport.is_lost() {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            state.read_waker.set(Some(context.waker().clone()));
            return Poll::Pending;
        }
        if let Poll::Ready(Ok(count @ 1..)) = read {
            state.received.set(true);
            if let ReadLimit::Body(left) = read_limit {
                state.body_read(left - count as u64);
            }
        }
        read.map_ok(drop)
    }
}

impl Write for HyperIo {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream.poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.state
                .written
                .set(self.state.written.get() + count as u64);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_close(context)
    }
}
