//! A poetry client that gives up after a time: the timer is taken back at a good end only.
use std::{cell::Cell, error::Error, fmt, rc::Rc, time::Duration};
use untwisted::{
    deferreds::{Deferred, Failure, Resolver},
    reactor::{DelayedCall, Handle},
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
    gives_up: Option<DelayedCall>,
}

impl Protocol for Poem {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let impatient = transport.clone();
        let call = transport
            .handle()
            .call_later(self.patience, move |_| impatient.abort_connection());
        self.gives_up = Some(call);
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.bytes.extend_from_slice(data);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        if let (Loss::Done, Some(call)) = (&why, self.gives_up.take()) {
            let _ = call.cancel();
        }
        let Some(resolver) = self.resolver.take() else {
            return;
        };
        match why {
            Loss::Done => resolver.callback(String::from_utf8_lossy(&self.bytes).into_owned()),
            Loss::Aborted => resolver.errback(GaveUp(self.bytes.len())),
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
            gives_up: None,
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
