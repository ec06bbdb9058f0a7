//! One thing that starts and stops: a server, or something that happens again and again.
use crate::{
    Endpoint, Listening, logged,
    observed::{Observer, observed},
};
use deferreds::{Deferred, Failure, Resolver};
use reactor::{Address, Handle, LoopingCall};
use std::{cell::RefCell, rc::Rc, time::Duration};
use transports::{Factory, Transport};

// ANCHOR: service
/// Something that is started once, and stopped once.
pub trait Service {
    /// Returns what it is called in messages.
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

/// A server: a factory at an endpoint. Each of its connections is a [span](crate::logged).
///
/// Stopped, it accepts no more connections, and those that are there have a while to end by
/// themselves: 2 s, or what [`with_grace`](Serving::with_grace) says. Then they are closed in good
/// order; and aborted if the stop is cancelled, as it is when its own limit is over.
///
/// A protocol that hands its connection to another one with `set_protocol` is not waited for.
pub struct Serving {
    name: String,
    endpoint: Endpoint,
    factory: Rc<dyn Factory>,
    grace: Duration,
    port: RefCell<Option<Listening>>,
    open: Rc<OpenConnections>,
}

impl Serving {
    /// Makes a service that will serve connections at `endpoint` with protocols of `factory`.
    pub fn new(name: &str, endpoint: Endpoint, factory: Rc<dyn Factory>) -> Rc<Serving> {
        Serving::with_grace(name, endpoint, factory, Duration::from_secs(2))
    }

    /// Returns the same, with another time for connections to end by themselves.
    pub fn with_grace(
        name: &str,
        endpoint: Endpoint,
        factory: Rc<dyn Factory>,
        grace: Duration,
    ) -> Rc<Serving> {
        let open = Rc::<OpenConnections>::default();
        Rc::new(Serving {
            name: name.to_owned(),
            endpoint,
            factory: logged(name, observed(factory, open.clone())),
            grace,
            port: RefCell::default(),
            open,
        })
    }

    /// Returns where it listens now: with the port that the system chose.
    #[must_use]
    pub fn address(&self) -> Option<reactor::Address> {
        let port = self.port.borrow();
        port.as_ref()?.address().cloned()
    }

    /// Returns how many connections it has.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.open.all.borrow().len()
    }
}

impl Service for Serving {
    fn name(&self) -> &str {
        &self.name
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        if self.port.borrow().is_some() {
            return Ok(());
        }
        let port = self.endpoint.listen(reactor, Rc::clone(&self.factory))?;
        self.port.replace(Some(port));
        Ok(())
    }

    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        if let Some(port) = self.port.take() {
            port.stop_listening();
        }
        self.open.when_empty(reactor, self.grace)
    }
}

/// The connections of a server.
#[derive(Default)]
struct OpenConnections {
    all: RefCell<Vec<Transport>>,
    /// Those that fire when there are none.
    resolvers: RefCell<Vec<Resolver<()>>>,
}

impl OpenConnections {
    // ANCHOR: grace
    /// Fires when there are no connections any more, which are closed after `grace`.
    fn when_empty(self: &Rc<Self>, reactor: &Handle, grace: Duration) -> Deferred<()> {
        if self.all.borrow().is_empty() {
            return Deferred::succeed(());
        }
        let aborts = Rc::clone(self);
        let (resolver, empty) = Deferred::with_canceller(move |instead| {
            aborts.each(Transport::abort_connection);
            drop(instead); // it is cancelled
        });
        self.resolvers.borrow_mut().push(resolver);
        let closes = Rc::clone(self);
        let timer = reactor.call_later(grace, move |_| closes.each(Transport::lose_connection));
        empty.add_both(move |result| {
            let _ = timer.cancel(); // it may have run
            result
        })
    }
    // ANCHOR_END: grace

    fn each(&self, what: fn(&Transport)) {
        let all = self.all.borrow().clone();
        all.iter().for_each(what);
    }
}

impl Observer for OpenConnections {
    fn made(&self, transport: &Transport) {
        self.all.borrow_mut().push(transport.clone());
    }

    fn lost(&self, transport: &Transport) {
        self.all.borrow_mut().retain(|other| !other.is(transport));
        if self.all.borrow().is_empty() {
            let resolvers = self.resolvers.take();
            // Not inside a protocol's callback.
            transport.handle().call_soon(move |_| {
                resolvers
                    .into_iter()
                    .for_each(|resolver| resolver.callback(()));
            });
        }
    }

    fn failed(&self, _: &Address, _: Failure) {}
}

/// Something that happens again and again, from the start to the stop, and is done at once. What
/// takes its time, or may fail, is a [`TimedJob`](crate::TimedJob).
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
        if self.looping.borrow().is_some() {
            return Err(Failure::new(format!("{} runs already", self.name)));
        }
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
