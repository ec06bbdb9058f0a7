//! A poetry client that gives up after a time: you write how it does.
use std::{cell::Cell, error::Error, fmt, rc::Rc, time::Duration};
use untwisted::{
    deferreds::{Deferred, Failure, Resolver},
    reactor::Handle,
    transports::{Address, Factory, Loss, Protocol, Transport, connect},
};

/// The poem was not whole in time; so many bytes of it had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaveUp(pub usize);

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gave up after {} bytes", self.0)
    }
}

impl Error for GaveUp {}

/// Collects a poem until the connection ends.
struct Poem {
    bytes: Vec<u8>,
    resolver: Option<Resolver<String>>,
    patience: Duration,
}

impl Protocol for Poem {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        // Here the time begins.
        let _ = (transport, self.patience);
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.bytes.extend_from_slice(data);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let Some(resolver) = self.resolver.take() else {
            return;
        };
        match why {
            Loss::Done => resolver.callback(String::from_utf8_lossy(&self.bytes).into_owned()),
            Loss::Aborted => todo!("what the poem answers when you have given up"),
            Loss::Failed(failure) => resolver.errback(failure),
        }
    }
}

/// Builds the protocol of one poem, and answers if there is no connection.
struct PoemFactory {
    resolver: Cell<Option<Resolver<String>>>,
    patience: Duration,
}

impl Factory for PoemFactory {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Poem {
            bytes: Vec::new(),
            resolver: self.resolver.take(),
            patience: self.patience,
        }))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self.resolver.take() {
            resolver.errback(why);
        }
    }
}

/// Fetches a poem, and waits for its end for `patience` after the connection was made.
pub fn get_poem_within(reactor: &Handle, at: &Address, patience: Duration) -> Deferred<String> {
    let (resolver, poem) = Deferred::new();
    let factory = PoemFactory {
        resolver: Cell::new(Some(resolver)),
        patience,
    };
    connect(reactor, at, Rc::new(factory));
    poem
}
