//! Services: what a program consists of, started in order and stopped in reverse.
use crate::deferred::{Deferred, Failure};
use crate::{endpoint::Endpoint, reactor::Handle, reactor::Id, transport::Factory};
use std::cell::RefCell;
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

/// Services that belong together, and how many of them run.
#[derive(Default)]
pub struct Services {
    all: RefCell<Vec<Rc<dyn Service>>>,
    running: Cell<usize>,
}

impl Services {
    pub fn add(&self, service: impl Service + 'static) {
        self.all.borrow_mut().push(Rc::new(service));
    }

    pub fn start(self: &Rc<Self>, reactor: &Handle) -> Result<(), Failure> {
        let all = self.all.borrow().clone();
        for service in &all[self.running.get()..] {
            if let Err(failure) = service.start(reactor) {
                self.stop(reactor).on_result(drop);
                return Err(failure);
            }
            self.running.set(self.running.get() + 1);
        }
        Ok(())
    }

    /// The last one first, and the one before it when that one has stopped. After a
    /// failure the others stop, too; you get the first.
    pub fn stop(self: &Rc<Self>, reactor: &Handle) -> Deferred<()> {
        let Some(last) = self.running.get().checked_sub(1) else {
            return Deferred::succeed(());
        };
        self.running.set(last);
        let service = self.all.borrow()[last].clone();
        let (this, at) = (self.clone(), reactor.clone());
        let (resolver, stopped) = Deferred::new();
        service.stop(reactor).on_result(move |this_one| {
            this.stop(&at).on_result(move |others| resolver.fire(this_one.and(others)));
        });
        stopped
    }
}
