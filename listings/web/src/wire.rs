//! What hyper reads and writes: the stream, in portions of one request.
use crate::life::{Credit, Life};
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
const LEFTOVERS: usize = 4 * 1024 * 1024;

pub(crate) struct Wire {
    stream: Stream,
    life: Rc<Life>,
}

impl Wire {
    pub(crate) fn new(stream: Stream, life: Rc<Life>) -> Wire {
        Wire { stream, life }
    }

    /// Says that nothing more comes, and reads what the client still sends. Closing with unread bytes would reset the
    /// connection, and then the client may lose the reply that it has not read yet.
    pub(crate) async fn linger(self) -> io::Result<()> {
        poll_fn(|context| self.stream.poll_close(context)).await?;
        let mut left = LEFTOVERS;
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

impl Read for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let life = &self.life;
        let credit = life.credit.get();
        let mut held_back = false;
        let read = self.stream.poll_read(context, |bytes| {
            let bytes = &bytes[..bytes.len().min(buffer.remaining())];
            let count = match credit {
                Credit::All => bytes.len(),
                Credit::Body(left) => {
                    usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()))
                }
                Credit::Head => match life.head.borrow_mut().feed(bytes) {
                    None => bytes.len(),
                    Some(end) => {
                        life.credit.set(Credit::Body(0));
                        end
                    }
                },
            };
            held_back = count == 0;
            buffer.put_slice(&bytes[..count]);
            count
        });
        if held_back {
            // The next request is there already. It has to wait for the reply to this one, if anybody still waits for that.
            if life.transport.is_lost() {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            life.reader.set(Some(context.waker().clone()));
            return Poll::Pending;
        }
        if let Poll::Ready(Ok(count @ 1..)) = read {
            life.heard.set(true);
            if let Credit::Body(left) = credit {
                life.body_read(left - count as u64);
            }
        }
        read.map_ok(drop)
    }
}

impl Write for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream.poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.life
                .written
                .set(self.life.written.get() + count as u64);
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
