//! The function that could not be written: a poem from a slow server, as a Deferred.
use crate::{Deferred, Failure, Resolver};
use reactor::{Address, Handle, Id, Readiness, Source};
use std::{
    cell::{Cell, RefCell},
    io::ErrorKind,
    rc::Rc,
};

/// The longest poem that is kept, in bytes. A server that sends more is not believed.
pub const LONGEST: usize = 1 << 20;

/// The server sent more than [`LONGEST`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the poem is longer than {LONGEST} bytes")
    }
}

impl std::error::Error for TooLong {}

// ANCHOR: get_poem
/// Fetches a poem: connects, reads to the end of the stream, and fires with the text.
///
/// It fails with an [`io::Error`](std::io::Error) when nobody listens or the connection breaks, with a
/// [`FromUtf8Error`](std::string::FromUtf8Error) when the bytes are no text, and with [`TooLong`]. Cancelling
/// closes the connection. Dropping the Deferred does not: the poem is read, and then thrown away.
///
/// ```
/// use deferreds::poem::get_poem;
/// use poetry::Options;
/// use reactor::{Reactor, Sim, recital::Recital};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let server = Recital::start(&handle, Options::default())?;
/// let stop = handle.clone();
/// let done = get_poem(&handle, &server.addresses()[0]).add_both(move |poem| {
///     assert_eq!(poem.unwrap(), poetry::POEMS[0].text);
///     Ok(stop.stop()?)
/// });
/// reactor.run()?;
/// # drop(done);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn get_poem(reactor: &Handle, at: &Address) -> Deferred<String> {
    let stream = match reactor.connect(at) {
        Ok(stream) => stream,
        Err(error) => return Deferred::fail(error),
    };
    let closer = reactor.clone();
    let (resolver, poem) = Deferred::with_canceller(move |_| closer.close(stream, false));
    let download = Download {
        stream,
        bytes: RefCell::default(),
        resolver: Cell::new(Some(resolver)),
    };
    reactor.register(stream, Rc::new(download));
    poem
}

/// One poem on its way to us: poetry client 1.1, with a resolver in place of the callback.
struct Download {
    stream: Id,
    bytes: RefCell<Vec<u8>>,
    resolver: Cell<Option<Resolver<String>>>,
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Readiness) {
        let mut piece = [0; 1024];
        let result = loop {
            match reactor.read(self.stream, &mut piece) {
                Ok(0) => break String::from_utf8(self.bytes.take()).map_err(Failure::from),
                Ok(n) if self.bytes.borrow().len() + n > LONGEST => break Err(TooLong.into()),
                Ok(n) => self.bytes.borrow_mut().extend(&piece[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => break Err(error.into()),
            }
        };
        reactor.close(self.stream, false);
        if let Some(resolver) = self.resolver.take() {
            resolver.fire(result);
        }
    }
}
// ANCHOR_END: get_poem
