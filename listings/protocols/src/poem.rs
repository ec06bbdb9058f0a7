//! A poem as a Deferred: the protocol collects it, the factory reports it.
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    rc::Rc,
};
use transports::{Address, Connector, Factory, Loss, Protocol, Transport, connect};

/// The longest poem that is kept, in bytes. A server that sends more is not believed.
const LONGEST: usize = 1 << 20;

// ANCHOR: get_poem
/// Fetches a poem: connects, collects what comes, and fires when the connection is closed in good
/// order.
///
/// It fails when no server listens, when the connection breaks, and when what comes is no text, or
/// longer than 1 MiB. Cancelled, it stops connecting, or aborts the connection.
///
/// ```
/// use recital::recite;
/// use protocols::get_poem;
/// use reactor::{Reactor, Sim};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let addresses = recite(&handle, &["hope"])?;
/// let stop = handle.clone();
/// let _done = get_poem(&handle, &addresses[0]).add_both(move |poem| {
///     assert_eq!(poem.unwrap().len(), 353);
///     Ok(stop.stop()?)
/// });
/// reactor.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn get_poem(reactor: &Handle, at: &Address) -> Deferred<String> {
    let in_progress: Rc<InProgress> = Rc::default();
    let cancelled = Rc::clone(&in_progress);
    let (resolver, poem) = Deferred::with_canceller(move |_| cancelled.give_up());
    let factory = PoemFactory {
        resolver: Cell::new(Some(resolver)),
        in_progress: Rc::clone(&in_progress),
    };
    let connector = connect(reactor, at, Rc::new(factory));
    in_progress.connector.set(Some(connector));
    poem
}
// ANCHOR_END: get_poem

/// What a cancel has to end: the attempt to connect, or the connection. Neither, when it is over.
#[derive(Default)]
struct InProgress {
    connector: Cell<Option<Connector>>,
    transport: RefCell<Option<Transport>>,
}

impl InProgress {
    fn give_up(&self) {
        match self.transport.take() {
            Some(transport) => transport.abort_connection(),
            None => {
                if let Some(connector) = self.connector.take() {
                    connector.cancel();
                }
            }
        }
    }
}

// ANCHOR: factory
/// Builds the protocol of one poem, and answers for it: with the poem, or with why there is none.
pub struct PoemFactory {
    resolver: Cell<Option<Resolver<String>>>,
    in_progress: Rc<InProgress>,
}

impl Factory for PoemFactory {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(PoemProtocol {
            bytes: Vec::new(),
            resolver: self.resolver.take(),
            in_progress: Rc::clone(&self.in_progress),
        }))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self.resolver.take() {
            resolver.errback(why);
        }
    }
}
// ANCHOR_END: factory

// ANCHOR: protocol
/// Collects a poem until the connection ends.
pub struct PoemProtocol {
    bytes: Vec<u8>,
    resolver: Option<Resolver<String>>,
    in_progress: Rc<InProgress>,
}

impl Protocol for PoemProtocol {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.in_progress.transport.replace(Some(transport.clone()));
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        if self.bytes.len() + data.len() > LONGEST {
            return Err(Failure::new(TooLong));
        }
        self.bytes.extend_from_slice(data);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.in_progress.transport.take();
        let Some(resolver) = self.resolver.take() else {
            return;
        };
        match (why, String::from_utf8(std::mem::take(&mut self.bytes))) {
            (Loss::Done, Ok(poem)) => resolver.callback(poem),
            (Loss::Done, Err(error)) => resolver.errback(error),
            (Loss::Failed(failure), _) => resolver.errback(failure),
            (Loss::Aborted, _) => {} // cancelled: the canceller has answered
        }
    }
}
// ANCHOR_END: protocol

/// The server sent more than 1 MiB, which is no poem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the poem is longer than {LONGEST} bytes")
    }
}

impl Error for TooLong {}
