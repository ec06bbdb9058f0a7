//! The function that could not be written: a poem from a slow server, as a Deferred.
use crate::Recital;
#[cfg(feature = "deferreds")]
use deferreds::Deferred;
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, Id, Readiness, Source};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    io::{self, ErrorKind},
    rc::Rc,
    time::Duration,
};

/// The longest poem that is kept, in bytes. More is an error.
pub const LONGEST: usize = 1 << 20;

/// The server sent more than [`LONGEST`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the poem is longer than {LONGEST} bytes")
    }
}

impl Error for TooLong {}

/// Fetches a poem: connects, reads to the end of the stream, and fires with the text.
///
/// It fails with an [`io::Error`] when nothing listens, when the connection breaks, and when what
/// comes is no text or longer than [`LONGEST`]. Cancelling closes the connection. Dropping the
/// Deferred does not: the poem is read, and then thrown away.
///
/// ```
/// use recital::{get_poem, recite};
/// use reactor::{Reactor, Sim};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let addresses = recite(&handle, &["hope"])?;
/// let stop = handle.clone();
/// let done = get_poem(&handle, &addresses[0]).add_both(move |poem| {
///     assert_eq!(poem.unwrap().len(), 353);
///     Ok(stop.stop()?)
/// });
/// reactor.run()?;
/// # drop(done);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "deferreds")]
// ANCHOR: get_poem
#[track_caller]
pub fn get_poem(reactor: &Handle, at: &Address) -> Deferred<String> {
    let stream = match reactor.connect(at) {
        Ok(stream) => stream,
        Err(error) => return Deferred::fail(error),
    };
    let closer = reactor.clone();
    let (resolver, poem) = Deferred::with_canceller(move |_| closer.close(stream, false));
    Download::start(reactor, stream, |_, result| match result {
        Ok(poem) => resolver.callback(poem),
        Err(error) => resolver.errback(error),
    });
    poem
}
// ANCHOR_END: get_poem

// ANCHOR: fetch
/// The same without a Deferred: calls one of two functions, once, and not before it has returned.
pub fn fetch(
    reactor: &Handle,
    at: &Address,
    callback: impl FnOnce(&Handle, String) + 'static,
    errback: impl FnOnce(&Handle, io::Error) + 'static,
) {
    match reactor.connect(at) {
        Ok(stream) => Download::start(reactor, stream, |reactor, result| match result {
            Ok(poem) => callback(reactor, poem),
            Err(error) => errback(reactor, error),
        }),
        Err(error) => reactor.call_soon(|reactor| errback(reactor, error)),
    }
}
// ANCHOR_END: fetch

type Finished = Box<dyn FnOnce(&Handle, io::Result<String>)>;

/// One poem on its way to us: poetry client 1.1 of the chapter on the reactor.
struct Download {
    bytes: RefCell<Vec<u8>>,
    finished: Cell<Option<Finished>>,
}

impl Download {
    #[track_caller]
    fn start(
        reactor: &Handle,
        stream: Id,
        finished: impl FnOnce(&Handle, io::Result<String>) + 'static,
    ) {
        let download = Download {
            bytes: RefCell::default(),
            finished: Cell::new(Some(Box::new(finished))),
        };
        reactor.register(stream, Rc::new(download));
    }
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, stream: Id, _: Readiness) {
        let mut piece = [0; 1024];
        let result = loop {
            match reactor.read(stream, &mut piece) {
                Ok(0) => break String::from_utf8(self.bytes.take()).map_err(no_poem),
                Ok(n) if self.bytes.borrow().len() + n > LONGEST => break Err(no_poem(TooLong)),
                Ok(n) => self.bytes.borrow_mut().extend(&piece[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => break Err(error),
            }
        };
        reactor.close(stream, false);
        if let Some(finished) = self.finished.take() {
            finished(reactor, result);
        }
    }
}

fn no_poem(why: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

/// Starts a slow server for each of these poems, and returns the addresses in the same order: 120
/// bytes, then a tenth of a second of silence, and so on. So that a listing can be about its
/// client.
///
/// # Errors
/// `NotFound` when there is no poem of a name; when a port cannot be opened.
pub fn recite(reactor: &Handle, names: &[&str]) -> io::Result<Vec<Address>> {
    let poems = names
        .iter()
        .map(|name| Poem::named(name).ok_or_else(|| ErrorKind::NotFound.into()))
        .collect::<io::Result<_>>()?;
    let pace = Pace::new(120, Duration::from_millis(100));
    let servers = Recital::start(
        reactor,
        Options {
            poems,
            pace,
            ..Options::default()
        },
    )?;
    Ok(servers.addresses().to_vec())
}
