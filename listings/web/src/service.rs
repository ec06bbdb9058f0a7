//! A site as a service: it listens at its start, and ends in good order.
use crate::{RunningSite, Site};
use applications::{Endpoint, Listening, Service};
use deferreds::{Deferred, Failure};
use reactor::{Address, Handle};
use std::{cell::RefCell, rc::Rc, time::Duration};

/// A site at an endpoint, for a program of services.
pub struct WebService {
    name: String,
    endpoint: Endpoint,
    stop_limit: Duration,
    running: RunningSite,
    port: RefCell<Option<Listening>>,
}

impl WebService {
    /// Returns a service that serves `site` at `endpoint`. When it is stopped, replies on their way
    /// have ten seconds.
    pub fn new(reactor: &Handle, name: &str, endpoint: Endpoint, site: Site) -> Rc<WebService> {
        Rc::new(WebService {
            name: name.to_owned(),
            endpoint,
            stop_limit: Duration::from_secs(10),
            running: site.start(reactor),
            port: RefCell::default(),
        })
    }

    /// Returns where it listens now, with the port that the system chose.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        self.port
            .borrow()
            .as_ref()
            .and_then(|port| port.address().cloned())
    }
}

impl Service for WebService {
    fn name(&self) -> &str {
        &self.name
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        let port = self.endpoint.listen(reactor, self.running.factory())?;
        let before = self.port.replace(Some(port));
        drop(before);
        Ok(())
    }

    fn stop(&self, _: &Handle) -> Deferred<()> {
        if let Some(port) = self.port.take() {
            port.stop_listening();
        }
        self.running.stop(self.stop_limit).add_callback(|_| Ok(()))
    }
}
