//! One thing that starts and stops: a server, or something that happens again and again.
use crate::{Endpoint, Listening};
use deferreds::{Deferred, Failure};
use reactor::{Handle, LoopingCall};
use std::{cell::RefCell, rc::Rc, time::Duration};
use transports::Factory;

// ANCHOR: service
/// Something that is started once, and stopped once.
pub trait Service {
    /// What it is called in messages.
    fn name(&self) -> &str;

    /// Starts it.
    ///
    /// # Errors
    /// Why it cannot start. It must not have begun then.
    fn start(&self, reactor: &Handle) -> Result<(), Failure>;

    /// Stops it. The Deferred fires when the last work is done.
    fn stop(&self, reactor: &Handle) -> Deferred<()>;
}
// ANCHOR_END: service

/// A server: a factory at an endpoint.
///
/// Stopped, it accepts no more connections. Those that are there are the factory's to end.
pub struct Serving {
    name: String,
    endpoint: Endpoint,
    factory: Rc<dyn Factory>,
    port: RefCell<Option<Listening>>,
}

impl Serving {
    /// Will serve connections at `endpoint` with protocols of `factory`.
    pub fn new(name: &str, endpoint: Endpoint, factory: Rc<dyn Factory>) -> Rc<Serving> {
        Rc::new(Serving {
            name: name.to_owned(),
            endpoint,
            factory,
            port: RefCell::default(),
        })
    }

    /// Where it listens now: with the port that the system chose.
    #[must_use]
    pub fn address(&self) -> Option<reactor::Address> {
        let port = self.port.borrow();
        port.as_ref()?.address().cloned()
    }
}

impl Service for Serving {
    fn name(&self) -> &str {
        &self.name
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        let port = self.endpoint.listen(reactor, Rc::clone(&self.factory))?;
        let before = self.port.replace(Some(port));
        drop(before);
        Ok(())
    }

    fn stop(&self, _: &Handle) -> Deferred<()> {
        if let Some(port) = self.port.take() {
            port.stop_listening();
        }
        Deferred::succeed(())
    }
}

/// Something that happens again and again, from the start to the stop.
pub struct Ticking {
    name: String,
    every: Duration,
    call: Rc<dyn Fn(&Handle)>,
    looping: RefCell<Option<LoopingCall>>,
}

impl Ticking {
    /// Will call `call` at the start and then every so often.
    pub fn new(name: &str, every: Duration, call: impl Fn(&Handle) + 'static) -> Rc<Ticking> {
        Rc::new(Ticking {
            name: name.to_owned(),
            every,
            call: Rc::new(call),
            looping: RefCell::default(),
        })
    }
}

impl Service for Ticking {
    fn name(&self) -> &str {
        &self.name
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        let call = Rc::clone(&self.call);
        let looping = LoopingCall::start(reactor, self.every, move |reactor, _| call(reactor));
        self.looping.replace(Some(looping));
        Ok(())
    }

    fn stop(&self, _: &Handle) -> Deferred<()> {
        if let Some(looping) = self.looping.take() {
            looping.stop();
        }
        Deferred::succeed(())
    }
}
