//! The traits that others read and write by: of futures-io, of tokio, of hyper. Each is a feature.
use crate::Stream;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

#[cfg(feature = "futures")]
impl futures_io::AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Stream::poll_read(&self, context, |bytes| {
            let count = bytes.len().min(buffer.len());
            buffer[..count].copy_from_slice(&bytes[..count]);
            count
        })
    }
}

#[cfg(feature = "tokio")]
impl tokio::io::AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        let put = |bytes: &[u8]| buffer.put_slice(bytes);
        read(&self, context, room, put)
    }
}

#[cfg(feature = "hyper")]
impl hyper::rt::Read for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        let put = |bytes: &[u8]| buffer.put_slice(bytes);
        read(&self, context, room, put)
    }
}

/// Reads into a buffer that counts for itself how full it is.
#[cfg(any(feature = "tokio", feature = "hyper"))]
fn read(
    stream: &Stream,
    context: &mut Context<'_>,
    room: usize,
    put: impl FnOnce(&[u8]),
) -> Poll<io::Result<()>> {
    let read = stream.poll_read(context, |bytes| {
        let count = bytes.len().min(room);
        put(&bytes[..count]);
        count
    });
    read.map_ok(drop)
}

/// The three traits of writing differ in their names only, and in that of the method that closes.
macro_rules! async_write {
    ($feature:literal, $write:path, $close:ident) => {
        #[cfg(feature = $feature)]
        impl $write for Stream {
            fn poll_write(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Stream::poll_write(&self, context, bytes)
            }

            fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                Stream::poll_flush(&self, context)
            }

            fn $close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                Stream::poll_close(&self, context)
            }
        }
    };
}

async_write!("futures", futures_io::AsyncWrite, poll_close);
async_write!("tokio", tokio::io::AsyncWrite, poll_shutdown);
async_write!("hyper", hyper::rt::Write, poll_shutdown);
