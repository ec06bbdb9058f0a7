//! A protocol that somebody looks at: when its connection is made, and when it is lost.
use deferreds::Failure;
use std::rc::Rc;
use transports::{Address, Factory, Loss, Protocol, Transport};

/// Hears of a connection, beside its protocol.
pub(crate) trait Watch {
    /// After the protocol's own `connection_made`, which was well.
    fn made(&self, transport: &Transport);
    /// A connection that was made is lost, or its protocol has been replaced by one that nobody watches.
    fn lost(&self, transport: &Transport);
    /// There will be none.
    fn failed(&self, to: &Address, why: Failure);
}

/// A factory whose connections are watched.
pub(crate) fn watched(factory: Rc<dyn Factory>, watch: Rc<dyn Watch>) -> Rc<dyn Factory> {
    Rc::new(Watched { factory, watch })
}

struct Watched {
    factory: Rc<dyn Factory>,
    watch: Rc<dyn Watch>,
}

impl Factory for Watched {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        let Some(protocol) = self.factory.build_protocol(peer) else {
            let why = Failure::new("the factory refused the connection");
            self.watch.failed(peer, why);
            return None;
        };
        Some(Box::new(Inside {
            protocol,
            watch: Rc::clone(&self.watch),
            made: None,
        }))
    }

    fn connection_failed(&self, to: &Address, why: Failure) {
        self.watch.failed(to, why);
    }
}

struct Inside {
    protocol: Box<dyn Protocol>,
    watch: Rc<dyn Watch>,
    /// From the moment it was made until it is lost.
    made: Option<Transport>,
}

impl Protocol for Inside {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.protocol.connection_made(transport)?;
        self.made = Some(transport.clone());
        self.watch.made(transport);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.protocol.data_received(transport, data)
    }

    fn handshake_completed(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.protocol.handshake_completed(transport)
    }

    fn write_drained(&mut self, transport: &Transport) {
        self.protocol.write_drained(transport);
    }

    fn peer_closed(&mut self, transport: &Transport) {
        self.protocol.peer_closed(transport);
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        if self.made.is_none() {
            let why = Failure::new(why.to_string());
            self.watch.failed(transport.peer(), why);
        }
        // The drop tells of one that was made, also when this panics.
        self.protocol.connection_lost(transport, why);
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        if let Some(transport) = self.made.take() {
            self.watch.lost(&transport);
        }
    }
}
