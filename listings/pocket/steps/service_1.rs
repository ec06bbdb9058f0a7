//! Services: what a program consists of, started in order and stopped in reverse.
use crate::deferred::{Deferred, Failure};
use crate::{endpoint::Endpoint, reactor::Handle, reactor::Id, transport::Factory};
use std::{cell::Cell, rc::Rc};

pub trait Service {
    fn start(&self, reactor: &Handle) -> Result<(), Failure>;
    /// Fires when it has stopped.
    fn stop(&self, reactor: &Handle) -> Deferred<()>;
}

/// A server as a service: it accepts from `start` to `stop`.
pub struct Serving {
    endpoint: Endpoint,
    factory: Rc<dyn Factory>,
    port: Cell<Option<Id>>,
}

impl Serving {
    pub fn new(endpoint: Endpoint, factory: Rc<dyn Factory>) -> Serving {
        Serving { endpoint, factory, port: Cell::new(None) }
    }
}

impl Service for Serving {
    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        self.port.set(Some(self.endpoint.listen(reactor, self.factory.clone())?));
        Ok(())
    }

    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        if let Some(port) = self.port.take() {
            reactor.forget(port);
        }
        Deferred::succeed(())
    }
}
