//! Cancelling: a second connection tells the server which one to interrupt, and waits until the
//! server has done so.
use crate::session::CancelKey;
use bytes::BytesMut;
use deferreds::{Deferred, Failure, Resolver};
use postgres_protocol::message::frontend;
use reactor::Handle;
use std::cell::Cell;
use std::rc::Rc;
use transports::{Address, Factory, Loss, Protocol, Transport};

// ANCHOR: cancel
/// Sends the request and fires when the server has ended the connection. Only then can it no longer
/// hit what is asked next: the server closes after it has sent the signal.
pub(crate) fn cancel(reactor: &Handle, to: &Address, key: CancelKey) -> Deferred<()> {
    let (resolver, done) = Deferred::new();
    let factory = InstanceFactory(Cell::new(Some(CancelRequest {
        key,
        resolver: Some(resolver),
    })));
    transports::connect(reactor, to, Rc::new(factory));
    done
}

/// The protocol of the second connection.
struct CancelRequest {
    key: CancelKey,
    resolver: Option<Resolver<()>>,
}

impl Protocol for CancelRequest {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let mut out = BytesMut::new();
        frontend::cancel_request(self.key.process, self.key.secret, &mut out);
        transport.write(out);
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(()) // it has nothing to say
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        if let Some(resolver) = self.resolver.take() {
            resolver.callback(());
        }
    }
}
// ANCHOR_END: cancel

/// Builds one protocol, which existed before the connection.
struct InstanceFactory(Cell<Option<CancelRequest>>);

impl Factory for InstanceFactory {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(self.0.take()?))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self.0.take().and_then(|request| request.resolver) {
            resolver.errback(why);
        }
    }
}
