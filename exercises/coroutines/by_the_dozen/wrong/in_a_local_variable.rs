//! A stream that returns the items of another one in chunks.
use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
};

/// As in the crate `futures-core`.
pub trait Stream {
    /// What comes, one after another.
    type Item;

    /// The next item, the end, or not yet.
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>>;
}

/// The items of a stream, `size` at a time.
#[derive(Debug)]
pub struct Chunks<S: Stream> {
    stream: S,
    size: usize,
    chunk: Vec<S::Item>,
    over: bool,
}

impl<S: Stream> Chunks<S> {
    /// A stream of chunks of `size` items, at least one.
    pub fn new(stream: S, size: usize) -> Chunks<S> {
        Chunks {
            stream,
            size: size.max(1),
            chunk: Vec::new(),
            over: false,
        }
    }
}

impl<S: Stream + Unpin> Stream for Chunks<S>
where
    S::Item: Unpin,
{
    type Item = Vec<S::Item>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Vec<S::Item>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let mut chunk = mem::take(&mut self.chunk);
        loop {
            match Pin::new(&mut self.stream).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(item)) => {
                    chunk.push(item);
                    if chunk.len() == self.size {
                        return Poll::Ready(Some(chunk));
                    }
                }
                Poll::Ready(None) => {
                    self.over = true;
                    let rest = chunk;
                    return Poll::Ready((!rest.is_empty()).then_some(rest));
                }
            }
        }
    }
}
