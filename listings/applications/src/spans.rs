//! Each connection is a span: what happens in it says so in the log.
use deferreds::Failure;
use std::{cell::Cell, rc::Rc};
use tracing::{Span, debug, info_span, warn};
use transports::{Address, Factory, Loss, Protocol, Transport};

// ANCHOR: spans
/// Returns a factory whose connections are spans of `tracing`: whatever a protocol logs, and
/// whatever is logged for it, names the service, the peer, and which of its connections it was. The
/// target is `connection`.
///
/// That one was made or has ended is said at the level `debug`; one that broke, at `warn`.
#[must_use]
pub fn logged(service: &str, factory: Rc<dyn Factory>) -> Rc<dyn Factory> {
    Rc::new(SpanFactory {
        service: service.to_owned(),
        factory,
        count: Cell::new(0),
    })
}
// ANCHOR_END: spans

/// Counts its connections, and begins the span of each.
struct SpanFactory {
    service: String,
    factory: Rc<dyn Factory>,
    count: Cell<u64>,
}

impl Factory for SpanFactory {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        let number = self.count.get() + 1;
        self.count.set(number);
        let span =
            info_span!(target: "connection", "connection", service = self.service, number, %peer);
        let built = span.in_scope(|| self.factory.build_protocol(peer));
        let Some(protocol) = built else {
            span.in_scope(|| debug!(target: "connection", "refused"));
            return None;
        };
        Some(Box::new(SpanProtocol { protocol, span }))
    }

    fn connection_failed(&self, to: &Address, why: Failure) {
        // A client that has no business here, such as one that speaks no TLS: anybody can fill a
        // log with these.
        debug!(target: "connection", service = self.service, peer = %to, %why, "no connection");
        self.factory.connection_failed(to, why);
    }
}

/// Calls a protocol inside its span.
struct SpanProtocol {
    protocol: Box<dyn Protocol>,
    span: Span,
}

impl Protocol for SpanProtocol {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.span.in_scope(|| {
            debug!(target: "connection", "made");
            self.protocol.connection_made(transport)
        })
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        let protocol = &mut self.protocol;
        self.span
            .in_scope(|| protocol.data_received(transport, data))
    }

    fn handshake_completed(&mut self, transport: &Transport) -> Result<(), Failure> {
        let protocol = &mut self.protocol;
        self.span
            .in_scope(|| protocol.handshake_completed(transport))
    }

    fn write_drained(&mut self, transport: &Transport) {
        let protocol = &mut self.protocol;
        self.span.in_scope(|| protocol.write_drained(transport));
    }

    fn peer_closed(&mut self, transport: &Transport) {
        let protocol = &mut self.protocol;
        self.span.in_scope(|| protocol.peer_closed(transport));
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let protocol = &mut self.protocol;
        self.span.in_scope(|| {
            match &why {
                Loss::Failed(_) => warn!(target: "connection", %why, "broke"),
                _ => debug!(target: "connection", %why, "ended"),
            }
            protocol.connection_lost(transport, why);
        });
    }
}
