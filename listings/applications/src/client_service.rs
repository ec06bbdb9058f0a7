//! A client that stays connected: it connects, and when the connection is lost, it connects again.
mod observer;

use crate::{Backoff, ClientEndpoint, Service};
use deferreds::{Deferred, Failure, Resolver};
use observer::ClientObserver;
use reactor::{DelayedCall, Handle};
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
/// When an attempt fails or the connection is lost, it waits as its [`Backoff`] says and tries
/// again. A connection that was made begins the delays again. Stopped, it stays so, whatever was
/// under way: an attempt is given up, a delay is cancelled, and a connection is closed and waited
/// for. Started again before it has closed, it connects when it has.
///
/// The factory's protocols do the work, as ever. Code that uses the connection waits for it:
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
/// Source:
/// [`ClientService`](https://docs.twisted.org/en/stable/api/twisted.application.internet.ClientService.html).
pub struct ClientService {
    /// Itself, for the callbacks of its timers and attempts.
    me: Weak<ClientService>,
    name: String,
    endpoint: ClientEndpoint,
    factory: Rc<dyn Factory>,
    backoff: Backoff,
    current: RefCell<State>,
    /// Failures since the last connection.
    failures: Cell<u32>,
    waiters: RefCell<Vec<Waiter>>,
    /// Counted up at each start and stop: what an earlier one began is ignored when it comes back.
    generation: Cell<u64>,
}

/// A [`ClientState`] with what belongs to it.
enum State {
    Stopped,
    /// `None` while the attempt begins.
    Connecting(Option<Connector>),
    Waiting(DelayedCall),
    Connected(Transport),
    Stopping {
        transport: Transport,
        resolvers: Vec<Resolver<()>>,
        again: bool,
    },
}

/// A caller that waits for a connection, and through how many failures.
struct Waiter {
    resolver: Resolver<Transport>,
    failures_left: Option<u32>,
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

    /// Returns the same, with delays of your own.
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
            current: RefCell::new(State::Stopped),
            failures: Cell::new(0),
            waiters: RefCell::default(),
            generation: Cell::new(0),
        })
    }

    /// Returns what it is doing.
    #[must_use]
    pub fn state(&self) -> ClientState {
        match &*self.current.borrow() {
            State::Stopped => ClientState::Stopped,
            State::Connecting(_) => ClientState::Connecting,
            State::Waiting(_) => ClientState::Waiting(self.failures.get()),
            State::Connected(_) => ClientState::Connected,
            State::Stopping { .. } => ClientState::Stopping,
        }
    }

    /// Fires with the connection: at once if there is one, else with the next one. It fails with
    /// [`Stopped`] when the service is stopped first, and at once when it was not started.
    #[track_caller]
    pub fn when_connected(&self) -> Deferred<Transport> {
        self.wait(None)
    }

    /// As [`when_connected`](ClientService::when_connected), but so many failed attempts in a row
    /// are enough: it fails with the last one's failure. The service goes on trying.
    #[track_caller]
    pub fn when_connected_or_failed(&self, failures: u32) -> Deferred<Transport> {
        self.wait(Some(failures.max(1)))
    }

    #[track_caller]
    fn wait(&self, failures_left: Option<u32>) -> Deferred<Transport> {
        match &*self.current.borrow() {
            State::Connected(transport) => Deferred::succeed(transport.clone()),
            State::Stopped | State::Stopping { again: false, .. } => {
                Deferred::fail(Stopped(self.name.clone()))
            }
            _ => {
                let (resolver, deferred) = Deferred::new();
                self.waiters.borrow_mut().push(Waiter {
                    resolver,
                    failures_left,
                });
                deferred
            }
        }
    }

    // ANCHOR: attempt
    /// Begins an attempt. Its outcome comes through a [`ClientObserver`].
    fn attempt(&self, reactor: &Handle) {
        self.set(State::Connecting(None));
        let observer = Rc::new(ClientObserver {
            service: self.me.clone(),
            generation: self.generation.get(),
            reactor: reactor.clone(),
        });
        let connector = self
            .endpoint
            .begin(reactor, Rc::clone(&self.factory), observer);
        self.set(State::Connecting(Some(connector)));
    }

    /// Waits as long as the backoff says, and tries again.
    fn retry_later(&self, reactor: &Handle) {
        let delay = self
            .backoff
            .delay(self.failures.get().saturating_sub(1), reactor.random());
        tracing::info!(service = self.name, endpoint = %self.endpoint, ?delay, "connects again");
        let (weak, generation) = (self.me.clone(), self.generation.get());
        let timer = reactor.call_later(delay, move |reactor| {
            if let Some(service) = weak.upgrade()
                && service.generation.get() == generation
            {
                service.attempt(reactor);
            }
        });
        self.set(State::Waiting(timer));
    }
    // ANCHOR_END: attempt

    /// Goes to a state. What was before is dropped when nothing is borrowed any more.
    fn set(&self, next: State) {
        let before = self.current.replace(next);
        drop(before);
    }

    fn take(&self) -> State {
        self.current.replace(State::Stopped)
    }

    /// Fires the waiters that `is_done` says are done, in the order in which they came.
    fn fire_waiters(
        &self,
        reactor: &Handle,
        is_done: impl Fn(&mut Waiter) -> bool,
        fire: impl Fn(Resolver<Transport>) + 'static,
    ) {
        let all = self.waiters.take();
        let (mut resolvers, mut left) = (Vec::new(), Vec::new());
        for mut waiter in all {
            match is_done(&mut waiter) {
                true => resolvers.push(waiter.resolver),
                false => left.push(waiter),
            }
        }
        self.waiters.replace(left);
        // Later: the code that waits must not run inside a protocol's callback or inside `stop`.
        if !resolvers.is_empty() {
            reactor.call_soon(move |_| resolvers.into_iter().for_each(fire));
        }
    }
}

impl Service for ClientService {
    fn name(&self) -> &str {
        &self.name
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        {
            match &mut *self.current.borrow_mut() {
                State::Stopped => {}
                State::Stopping { again, .. } => {
                    *again = true;
                    return Ok(());
                }
                _ => return Ok(()),
            }
        }
        self.generation.set(self.generation.get() + 1);
        self.failures.set(0);
        self.attempt(reactor);
        Ok(())
    }

    // ANCHOR: stop
    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        let stopped = match self.take() {
            State::Stopped => Deferred::succeed(()),
            State::Connecting(connector) => {
                self.generation.set(self.generation.get() + 1);
                if let Some(connector) = connector {
                    connector.cancel();
                }
                Deferred::succeed(())
            }
            State::Waiting(timer) => {
                let _ = timer.cancel(); // it may run in this turn, and then does nothing
                self.generation.set(self.generation.get() + 1);
                Deferred::succeed(())
            }
            State::Connected(transport) => {
                transport.lose_connection();
                self.stopping(transport, Vec::new())
            }
            State::Stopping {
                transport,
                resolvers,
                ..
            } => self.stopping(transport, resolvers),
        };
        let name = self.name.clone();
        self.fire_waiters(
            reactor,
            |_| true,
            move |resolver| resolver.errback(Stopped(name.clone())),
        );
        stopped
    }
    // ANCHOR_END: stop
}

impl ClientService {
    /// Fires when the connection is gone. Cancelled, as when a limit is over, it aborts the
    /// connection.
    fn stopping(&self, transport: Transport, mut resolvers: Vec<Resolver<()>>) -> Deferred<()> {
        let aborts = transport.clone();
        let (resolver, stopped) = Deferred::with_canceller(move |instead| {
            aborts.abort_connection();
            drop(instead);
        });
        resolvers.push(resolver);
        self.set(State::Stopping {
            transport,
            resolvers,
            again: false,
        });
        stopped
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
