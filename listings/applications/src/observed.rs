//! A protocol with an observer, which is told when its connection is made, and when it is lost.
use deferreds::Failure;
use std::rc::Rc;
use transports::{Address, Factory, Loss, Protocol, ProtocolWrapper, Transport};

/// Is told of a connection, beside its protocol.
pub(crate) trait Observer {
    /// After the protocol's own `connection_made`, which was well.
    fn made(&self, transport: &Transport);
    /// A connection that was made is lost, or its protocol has been replaced by one without an
    /// observer.
    fn lost(&self, transport: &Transport);
    /// There will be no connection.
    fn failed(&self, to: &Address, why: Failure);
}

/// Returns a factory whose connections are observed.
pub(crate) fn observed(factory: Rc<dyn Factory>, observer: Rc<dyn Observer>) -> Rc<dyn Factory> {
    Rc::new(ObservedFactory { factory, observer })
}

struct ObservedFactory {
    factory: Rc<dyn Factory>,
    observer: Rc<dyn Observer>,
}

impl Factory for ObservedFactory {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        let Some(protocol) = self.factory.build_protocol(peer) else {
            let why = Failure::new("the factory refused the connection");
            self.observer.failed(peer, why);
            return None;
        };
        Some(Box::new(ObservedProtocol {
            protocol,
            observer: Rc::clone(&self.observer),
            made: None,
        }))
    }

    fn connection_failed(&self, to: &Address, why: Failure) {
        self.observer.failed(to, why);
    }
}

struct ObservedProtocol {
    protocol: Box<dyn Protocol>,
    observer: Rc<dyn Observer>,
    /// From the moment it was made until it is lost.
    made: Option<Transport>,
}

impl ProtocolWrapper for ObservedProtocol {
    type Inner = dyn Protocol;

    fn inner(&mut self) -> &mut Self::Inner {
        &mut *self.protocol
    }

    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.protocol.connection_made(transport)?;
        self.made = Some(transport.clone());
        self.observer.made(transport);
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        if self.made.is_none() {
            let why = Failure::new(why.to_string());
            self.observer.failed(transport.peer(), why);
        }
        // The drop tells of one that was made, also when this panics.
        self.protocol.connection_lost(transport, why);
    }
}

impl Drop for ObservedProtocol {
    fn drop(&mut self) {
        if let Some(transport) = self.made.take() {
            self.observer.lost(&transport);
        }
    }
}
