//! A protocol with a policy around it: the policy is told of everything first, and changes what it
//! wants.
use deferreds::Failure;
use std::rc::Rc;
use transports::{Address, Factory, Loss, Protocol, ProtocolWrapper, Transport};

/// What a wrapper does beside passing things on.
pub(crate) trait Policy {
    fn made(&mut self, transport: &Transport) {
        let _ = transport;
    }

    /// Bytes have come, and are passed on after this.
    fn received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        let _ = (transport, data);
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        let _ = transport;
    }

    fn drained(&mut self, transport: &Transport) {
        let _ = transport;
    }

    /// The connection is gone. Returns what the protocol inside is told.
    fn lost(&mut self, transport: &Transport, why: Loss) -> Loss {
        let _ = transport;
        why
    }
}

pub(crate) struct WithPolicy<W> {
    policy: W,
    protocol: Box<dyn Protocol>,
}

impl<W: Policy + 'static> WithPolicy<W> {
    /// Returns a factory that puts a policy around each protocol that `factory` builds.
    pub(crate) fn factory(
        factory: Rc<dyn Factory>,
        policy: impl Fn(&Address) -> W + 'static,
    ) -> Rc<dyn Factory> {
        Rc::new(WrappingFactory { factory, policy })
    }
}

struct WrappingFactory<F> {
    factory: Rc<dyn Factory>,
    policy: F,
}

impl<W: Policy + 'static, F: Fn(&Address) -> W> Factory for WrappingFactory<F> {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        let protocol = self.factory.build_protocol(peer)?;
        let policy = (self.policy)(peer);
        Some(Box::new(WithPolicy { policy, protocol }))
    }

    fn connection_failed(&self, to: &Address, why: Failure) {
        self.factory.connection_failed(to, why);
    }
}

impl<W: Policy> ProtocolWrapper for WithPolicy<W> {
    type Inner = dyn Protocol;

    fn inner(&mut self) -> &mut Self::Inner {
        &mut *self.protocol
    }

    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.policy.made(transport);
        self.protocol.connection_made(transport)
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.policy.received(transport, data)?;
        self.protocol.data_received(transport, data)
    }

    fn write_drained(&mut self, transport: &Transport) {
        self.policy.drained(transport);
        self.protocol.write_drained(transport);
    }

    fn peer_closed(&mut self, transport: &Transport) {
        self.policy.peer_closed(transport);
        self.protocol.peer_closed(transport);
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let why = self.policy.lost(transport, why);
        self.protocol.connection_lost(transport, why);
    }
}
