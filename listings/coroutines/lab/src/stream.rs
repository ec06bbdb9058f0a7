//! A stream of our reactor with the read trait of the crate `futures`.
use futures_util::AsyncRead;
use reactor::{Address, Handle, Id, Readiness, Source};
use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// A connection that can be read. Dropped, it is closed.
///
/// ```
/// use coroutines::block_on;
/// use coroutines_lab::stream::Stream;
/// use recital::recite;
/// use futures_util::AsyncReadExt;
/// use reactor::{Reactor, Sim};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let h = reactor.handle();
/// let at = recite(&h, &["hope"])?.remove(0);
/// let poem = block_on(&mut reactor, async {
///     let mut poem = String::new();
///     Stream::connect(&h, &at)?.read_to_string(&mut poem).await?;
///     Ok(poem)
/// });
/// assert_eq!(poem.unwrap().len(), 353);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Stream {
    reactor: Handle,
    stream: Id,
    news: Rc<News>,
}

/// What the reactor tells: it is time to look again.
#[derive(Debug, Default)]
struct News {
    connected: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Source for News {
    fn ready(self: Rc<Self>, _: &Handle, _: Id, _: Readiness) {
        self.connected.set(true);
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Stream {
    /// Begins to connect.
    ///
    /// # Errors
    /// When there is no descriptor left. A connection that is refused is an error of the first
    /// read.
    pub fn connect(reactor: &Handle, at: &Address) -> io::Result<Stream> {
        let stream = reactor.connect(at)?;
        let news = Rc::new(News::default());
        reactor.register(stream, news.clone());
        Ok(Stream {
            reactor: reactor.clone(),
            stream,
            news,
        })
    }
}

// ANCHOR: read
impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.news.connected.get() {
            match self.reactor.read(self.stream, buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
        *self.news.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}
// ANCHOR_END: read

impl Drop for Stream {
    fn drop(&mut self) {
        self.reactor.close(self.stream, false);
    }
}
