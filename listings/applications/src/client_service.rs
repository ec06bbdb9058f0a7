//! A client that stays connected: it connects, and when the connection is lost, it connects again.
use crate::{Backoff, ClientEndpoint, Service, watched::Watch};
use deferreds::{Deferred, Failure, Resolver};
use reactor::{Address, DelayedCall, Handle};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    rc::{Rc, Weak},
};
use transports::{Connector, Factory, Transport};

// ANCHOR: state
/// What a [`ClientService`] is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientState {
    /// Nothing: it was not started, or has been stopped.
    Stopped,
    /// An attempt is under way.
    Connecting,
    /// It waits before the next attempt, after so many failures in a row, or after a loss (0).
    Waiting(u32),
    /// There is a connection.
    Connected,
    /// It was stopped, and its connection is closing.
    Stopping,
}
// ANCHOR_END: state

/// Keeps one connection, from its start to its stop.
///
/// When an attempt fails or the connection is lost, it waits as its [`Backoff`] says and tries again. A connection that
/// was made begins the delays again. Stopped, it stays so, whatever was under way: an attempt is given up, a delay is
/// cancelled, and a connection is closed and waited for. Started again before it has closed, it connects when it has.
///
/// The factory's protocols do the work, as ever. Whoever wants to use the connection waits for it:
///
/// ```
/// use applications::{ClientService, ClientState, Service};
/// use reactor::{Reactor, Sim};
/// use std::rc::Rc;
/// use transports::{Address, listen};
/// # use deferreds::Failure;
/// # use transports::{Protocol, Transport};
/// # struct Quiet;
/// # impl Protocol for Quiet {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let quiet = || Rc::new(|_: &Address| Quiet);
/// let client = ClientService::new("client", "tcp:127.0.0.1:4080".parse()?, quiet());
/// client.start(&handle)?;
/// // The server comes two seconds later.
/// handle.call_later(std::time::Duration::from_secs(2), move |h| {
///     listen(h, &Address::loopback(4080), quiet()).unwrap();
/// });
/// let waits = client.clone();
/// client.when_connected().on_result(move |transport| {
///     assert_eq!(transport.unwrap().peer(), &Address::loopback(4080));
///     assert_eq!(waits.state(), ClientState::Connected);
///     handle.stop().unwrap();
/// });
/// reactor.run()?;
/// # Ok::<(), deferreds::Failure>(())
/// ```
///
/// Source: [`ClientService`](https://docs.twisted.org/en/stable/api/twisted.application.internet.ClientService.html).
pub struct ClientService {
    /// What it is called by.
    me: Weak<ClientService>,
    name: String,
    endpoint: ClientEndpoint,
    factory: Rc<dyn Factory>,
    backoff: Backoff,
    now: RefCell<Now>,
    /// Failures since the last connection.
    failures: Cell<u32>,
    waiters: RefCell<Vec<Waiter>>,
    /// Which start this is. What an earlier one began is none of this one's business.
    round: Cell<u64>,
}

/// The state, with what belongs to it.
enum Now {
    Stopped,
    /// `None` while the attempt begins.
    Connecting(Option<Connector>),
    Waiting(DelayedCall),
    Connected(Transport),
    Stopping {
        transport: Transport,
        told: Vec<Resolver<()>>,
        again: bool,
    },
}

/// Somebody who waits for a connection, and through how many failures.
struct Waiter {
    resolver: Resolver<Transport>,
    patience: Option<u32>,
}

impl ClientService {
    /// Will keep a connection to `endpoint`, with protocols of `factory`.
    pub fn new(
        name: &str,
        endpoint: ClientEndpoint,
        factory: Rc<dyn Factory>,
    ) -> Rc<ClientService> {
        ClientService::with_backoff(name, endpoint, factory, Backoff::default())
    }

    /// The same, with delays of your own.
    pub fn with_backoff(
        name: &str,
        endpoint: ClientEndpoint,
        factory: Rc<dyn Factory>,
        backoff: Backoff,
    ) -> Rc<ClientService> {
        Rc::new_cyclic(|me| ClientService {
            me: me.clone(),
            name: name.to_owned(),
            endpoint,
            factory,
            backoff,
            now: RefCell::new(Now::Stopped),
            failures: Cell::new(0),
            waiters: RefCell::default(),
            round: Cell::new(0),
        })
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> ClientState {
        match &*self.now.borrow() {
            Now::Stopped => ClientState::Stopped,
            Now::Connecting(_) => ClientState::Connecting,
            Now::Waiting(_) => ClientState::Waiting(self.failures.get()),
            Now::Connected(_) => ClientState::Connected,
            Now::Stopping { .. } => ClientState::Stopping,
        }
    }

    /// Fires with the connection: at once if there is one, else with the next one. It fails with [`Stopped`] when the
    /// service is stopped first, and at once when it was not started.
    #[track_caller]
    pub fn when_connected(&self) -> Deferred<Transport> {
        self.wait(None)
    }

    /// As [`when_connected`](ClientService::when_connected), but so many failed attempts in a row are enough: it fails
    /// with the last one's failure. The service goes on trying.
    #[track_caller]
    pub fn when_connected_or_failed(&self, failures: u32) -> Deferred<Transport> {
        self.wait(Some(failures.max(1)))
    }

    #[track_caller]
    fn wait(&self, patience: Option<u32>) -> Deferred<Transport> {
        match &*self.now.borrow() {
            Now::Connected(transport) => Deferred::succeed(transport.clone()),
            Now::Stopped | Now::Stopping { again: false, .. } => {
                Deferred::fail(Stopped(self.name.clone()))
            }
            _ => {
                let (resolver, deferred) = Deferred::new();
                self.waiters
                    .borrow_mut()
                    .push(Waiter { resolver, patience });
                deferred
            }
        }
    }

    // ANCHOR: attempt
    fn attempt(&self, reactor: &Handle) {
        self.set(Now::Connecting(None));
        let watch = Rc::new(Watches {
            service: self.me.clone(),
            round: self.round.get(),
            reactor: reactor.clone(),
        });
        let connector = self
            .endpoint
            .begin(reactor, Rc::clone(&self.factory), watch);
        self.set(Now::Connecting(Some(connector)));
    }

    fn later(&self, reactor: &Handle) {
        let delay = self
            .backoff
            .delay(self.failures.get().saturating_sub(1), reactor.random());
        tracing::info!(service = self.name, endpoint = %self.endpoint, ?delay, "connects again");
        let (weak, round) = (self.me.clone(), self.round.get());
        let timer = reactor.call_later(delay, move |reactor| {
            if let Some(service) = weak.upgrade()
                && service.round.get() == round
            {
                service.attempt(reactor);
            }
        });
        self.set(Now::Waiting(timer));
    }
    // ANCHOR_END: attempt

    /// What was before is dropped when nothing is borrowed any more.
    fn set(&self, now: Now) {
        let before = self.now.replace(now);
        drop(before);
    }

    fn take(&self) -> Now {
        self.now.replace(Now::Stopped)
    }

    /// Lets everybody go on that `enough` is enough for, in the order in which they came.
    fn tell(
        &self,
        reactor: &Handle,
        enough: impl Fn(&mut Waiter) -> bool,
        tell: impl Fn(Resolver<Transport>) + 'static,
    ) {
        let all = self.waiters.take();
        let (mut told, mut left) = (Vec::new(), Vec::new());
        for mut waiter in all {
            match enough(&mut waiter) {
                true => told.push(waiter.resolver),
                false => left.push(waiter),
            }
        }
        self.waiters.replace(left);
        // Not inside a protocol's callback, nor of `stop`.
        if !told.is_empty() {
            reactor.call_soon(move |_| told.into_iter().for_each(tell));
        }
    }
}

impl Service for ClientService {
    fn name(&self) -> &str {
        &self.name
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        {
            match &mut *self.now.borrow_mut() {
                Now::Stopped => {}
                Now::Stopping { again, .. } => {
                    *again = true;
                    return Ok(());
                }
                _ => return Ok(()),
            }
        }
        self.round.set(self.round.get() + 1);
        self.failures.set(0);
        self.attempt(reactor);
        Ok(())
    }

    // ANCHOR: stop
    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        let stopped = match self.take() {
            Now::Stopped => Deferred::succeed(()),
            Now::Connecting(connector) => {
                self.round.set(self.round.get() + 1);
                if let Some(connector) = connector {
                    connector.cancel();
                }
                Deferred::succeed(())
            }
            Now::Waiting(timer) => {
                let _ = timer.cancel(); // it may run in this turn, and then does nothing
                self.round.set(self.round.get() + 1);
                Deferred::succeed(())
            }
            Now::Connected(transport) => {
                transport.lose_connection();
                self.stopping(transport, Vec::new())
            }
            Now::Stopping {
                transport, told, ..
            } => self.stopping(transport, told),
        };
        let name = self.name.clone();
        self.tell(
            reactor,
            |_| true,
            move |resolver| resolver.errback(Stopped(name.clone())),
        );
        stopped
    }
    // ANCHOR_END: stop
}

impl ClientService {
    /// Fires when the connection is gone. Cancelled, as when a limit is over, it aborts the connection.
    fn stopping(&self, transport: Transport, mut told: Vec<Resolver<()>>) -> Deferred<()> {
        let gives_up = transport.clone();
        let (resolver, stopped) = Deferred::with_canceller(move |instead| {
            gives_up.abort_connection();
            drop(instead);
        });
        told.push(resolver);
        self.set(Now::Stopping {
            transport,
            told,
            again: false,
        });
        stopped
    }
}

/// What the service hears of its attempts and connections.
struct Watches {
    service: Weak<ClientService>,
    round: u64,
    reactor: Handle,
}

impl Watches {
    fn service(&self) -> Option<Rc<ClientService>> {
        let service = self.service.upgrade()?;
        (service.round.get() == self.round).then_some(service)
    }
}

impl Watch for Watches {
    fn made(&self, transport: &Transport) {
        let Some(service) = self.service() else {
            // It was stopped meanwhile: stopped is stopped.
            return transport.abort_connection();
        };
        service.failures.set(0);
        service.set(Now::Connected(transport.clone()));
        let made = transport.clone();
        service.tell(
            &self.reactor,
            |_| true,
            move |resolver| resolver.callback(made.clone()),
        );
    }

    fn lost(&self, transport: &Transport) {
        let Some(service) = self.service() else {
            return;
        };
        match service.take() {
            Now::Connected(ours) if ours.is(transport) => service.later(&self.reactor),
            Now::Stopping {
                transport: ours,
                told,
                again,
            } if ours.is(transport) => {
                service.round.set(service.round.get() + 1);
                let reactor = self.reactor.clone();
                if again {
                    service.attempt(&reactor);
                }
                reactor.call_soon(move |_| told.into_iter().for_each(|told| told.callback(())));
            }
            other => service.set(other),
        }
    }

    fn failed(&self, _: &Address, why: Failure) {
        let Some(service) = self.service() else {
            return;
        };
        service
            .failures
            .set(service.failures.get().saturating_add(1));
        tracing::info!(service = service.name, endpoint = %service.endpoint, %why, "no connection");
        let said = why.to_string();
        service.tell(
            &self.reactor,
            |waiter| match &mut waiter.patience {
                None => false,
                Some(left) => {
                    *left -= 1;
                    *left == 0
                }
            },
            move |resolver| resolver.errback(Failure::new(said.clone())),
        );
        service.later(&self.reactor);
    }
}

/// The client was stopped, or never started: there will be no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped(String);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is stopped", self.0)
    }
}

impl Error for Stopped {}
