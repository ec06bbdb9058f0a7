//! The function that could not be written: a poem from a slow server, as a Deferred.
use crate::{Deferred, Failure, Resolver};
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, Id, Readiness, Source, recital::Recital};
use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind},
    rc::Rc,
    time::Duration,
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
/// It fails with an [`io::Error`] when nobody listens or the connection breaks, with a
/// [`FromUtf8Error`](std::string::FromUtf8Error) when the bytes are no text, and with [`TooLong`]. Cancelling
/// closes the connection. Dropping the Deferred does not: the poem is read, and then thrown away.
///
/// ```
/// use deferreds::poem::{get_poem, recite};
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

/// Starts a slow server for each of these poems, and gives the addresses in the same order: 120 bytes, then a tenth
/// of a second of silence, and so on. So that a listing can be about its client.
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
