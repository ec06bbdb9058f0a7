//! A stream that returns the items of another one in chunks.
use std::{
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
        let this = &mut *self;
        let _ = (
            &mut this.stream,
            this.size,
            &mut this.chunk,
            &mut this.over,
            context,
        );
        todo!("poll the stream below, and look at its three answers")
    }
}
