//! Connecting: one attempt for each address, the first success wins, and the factory hears of it once.
use crate::{
    Factory,
    connection::Connection,
    guard::{guard, guard_last, report},
};
use deferreds::{Cancelled, Failure};
use reactor::{Address, DelayedCall, Handle, Id, Readiness, Source};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    error::Error,
    fmt, io,
    net::SocketAddr,
    rc::{Rc, Weak},
    time::Duration,
};

/// How to connect.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// Fails with `TimedOut` when there is no connection after so long. `None` waits as long as the world does.
    pub timeout: Option<Duration>,
    /// With several addresses, the next attempt begins after so long, or when the one before has failed.
    pub stagger: Duration,
}

impl Default for ConnectOptions {
    /// 30 s in all, 300 ms between attempts: as Twisted does.
    fn default() -> ConnectOptions {
        ConnectOptions {
            timeout: Some(Duration::from_secs(30)),
            stagger: Duration::from_millis(300),
        }
    }
}

/// No address answered. The [`io::ErrorKind`] is that of the inner error.
#[derive(Debug)]
pub struct ConnectError {
    /// The address that was tried last.
    pub to: Address,
    /// What it answered.
    pub error: io::Error,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection to {}: {}", self.to, self.error)
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// Connects to `to`, with the default [`ConnectOptions`]. When the connection is there, `factory` builds its protocol;
/// when there will be none, its `connection_failed` says why. Neither happens inside this call.
///
/// ```
/// use deferreds::Failure;
/// use reactor::{Address, Reactor, Sim};
/// use std::rc::Rc;
/// use transports::{ConnectError, Factory, Protocol, connect};
///
/// struct Nobody;
///
/// impl Factory for Nobody {
///     fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
///         None
///     }
///     fn connection_failed(&self, to: &Address, why: Failure) {
///         println!("{why}"); // no connection to 127.0.0.1:4080: connection refused
///         assert!(why.check::<ConnectError>().is_some());
///     }
/// }
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// connect(&reactor.handle(), &Address::loopback(4080), Rc::new(Nobody));
/// for _ in 0..3 {
///     reactor.turn(Some(std::time::Duration::from_secs(1)))?;
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Source: [`connectTCP`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IReactorTCP.html).
#[track_caller]
pub fn connect(reactor: &Handle, to: &Address, factory: Rc<dyn Factory>) -> Connector {
    connect_any(
        reactor,
        std::slice::from_ref(to),
        factory,
        ConnectOptions::default(),
    )
}

/// Connects to the first of several addresses that answers: one attempt after the other, and a little later the next
/// one beside it ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305), "happy eyeballs"). IPv6 and IPv4 addresses take turns.
///
/// If none answers, the factory hears the last one's error.
#[track_caller]
pub fn connect_any(
    reactor: &Handle,
    to: &[Address],
    factory: Rc<dyn Factory>,
    options: ConnectOptions,
) -> Connector {
    let race = Race::begin(reactor, to.to_owned(), factory, options);
    race.attempt();
    Connector { race }
}

/// Looks up the addresses of a host, in a thread of its own, and connects to the first that answers. The time limit holds
/// for both together.
///
/// The factory hears of a name that is not found as a [`ConnectError`] to the unspecified address and that port.
///
/// Source: [`HostnameEndpoint`](https://docs.twisted.org/en/stable/api/twisted.internet.endpoints.HostnameEndpoint.html).
#[track_caller]
pub fn connect_host(
    reactor: &Handle,
    host: &str,
    port: u16,
    factory: Rc<dyn Factory>,
    options: ConnectOptions,
) -> Connector {
    let unknown = Address::from(SocketAddr::from(([0, 0, 0, 0], port)));
    let race = Race::begin(reactor, vec![unknown], factory, options);
    let (looking, name) = (Rc::clone(&race), host.to_owned());
    reactor.look_up(host, move |_, found| {
        let race = looking;
        if !race.is_open() {
            return;
        }
        match found {
            Ok(found) => {
                let to: Vec<_> = found
                    .into_iter()
                    .map(|at| SocketAddr::new(at, port).into())
                    .collect();
                *race.left.borrow_mut() = interleave(&to);
                *race.to.borrow_mut() = to;
                race.attempt();
            }
            Err(error) => {
                let to = race.first();
                let error = io::Error::new(error.kind(), format!("{name}: {error}"));
                race.fail_later(Failure::new(ConnectError { to, error }));
            }
        }
    });
    Connector { race }
}

/// A connection that is being made.
pub struct Connector {
    race: Rc<Race>,
}

impl Connector {
    /// The addresses that were asked for, or found for a name.
    #[must_use]
    pub fn destinations(&self) -> Vec<Address> {
        self.race.to.borrow().clone()
    }

    /// The first of them; the unspecified address when there is none.
    #[must_use]
    pub fn destination(&self) -> Address {
        self.race.first()
    }

    /// Gives up. The factory hears of [`Cancelled`], later. When the connection is made already, or has failed, or was
    /// cancelled before, this does nothing.
    pub fn cancel(&self) {
        self.race.fail_later(Failure::new(Cancelled));
    }

    /// Whether it is still undecided.
    #[must_use]
    pub fn is_connecting(&self) -> bool {
        self.race.is_open()
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("to", &self.destinations())
            .field("connecting", &self.is_connecting())
            .finish()
    }
}

/// IPv6 and IPv4 in turns, in their order otherwise, beginning with the family of the first.
fn interleave(to: &[Address]) -> VecDeque<Address> {
    let is_v6 = |at: &Address| matches!(at, Address::Inet(at) if at.is_ipv6());
    let first = to.first().is_some_and(is_v6);
    let (mut one, mut other): (VecDeque<_>, VecDeque<_>) =
        to.iter().cloned().partition(|at| is_v6(at) == first);
    let mut all = VecDeque::with_capacity(to.len());
    while !one.is_empty() || !other.is_empty() {
        all.extend(one.pop_front());
        all.extend(other.pop_front());
    }
    all
}

/// All attempts for one connection.
struct Race {
    reactor: Handle,
    /// There until the race is decided.
    factory: Cell<Option<Rc<dyn Factory>>>,
    to: RefCell<Vec<Address>>,
    left: RefCell<VecDeque<Address>>,
    attempts: RefCell<Vec<Id>>,
    stagger: Duration,
    last: Cell<Option<ConnectError>>,
    timer: Cell<Option<DelayedCall>>,
    next: Cell<Option<DelayedCall>>,
}

impl Race {
    #[track_caller]
    fn begin(
        reactor: &Handle,
        to: Vec<Address>,
        factory: Rc<dyn Factory>,
        options: ConnectOptions,
    ) -> Rc<Race> {
        let race = Rc::new(Race {
            reactor: reactor.clone(),
            factory: Cell::new(Some(factory)),
            left: RefCell::new(interleave(&to)),
            to: RefCell::new(to),
            attempts: RefCell::default(),
            stagger: options.stagger,
            last: Cell::default(),
            timer: Cell::default(),
            next: Cell::default(),
        });
        if let Some(limit) = options.timeout {
            let weak = Rc::downgrade(&race);
            let timer = reactor.call_later(limit, move |_| {
                if let Some(race) = weak.upgrade() {
                    race.time_is_up(limit);
                }
            });
            race.timer.set(Some(timer));
        }
        race
    }

    /// The first address; the unspecified one when there is none.
    fn first(&self) -> Address {
        let first = self.to.borrow().first().cloned();
        first.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)).into())
    }

    fn is_open(&self) -> bool {
        let factory = self.factory.take();
        let open = factory.is_some();
        self.factory.set(factory);
        open
    }

    // ANCHOR: attempt
    /// Begins the next attempt; without one it is decided when the last of those under way is.
    #[track_caller]
    fn attempt(self: &Rc<Self>) {
        loop {
            let Some(to) = self.left.borrow_mut().pop_front() else {
                break;
            };
            match self.reactor.connect(&to) {
                Ok(id) => {
                    self.attempts.borrow_mut().push(id);
                    let race = Rc::clone(self);
                    self.reactor.register(id, Rc::new(Attempt { to, race }));
                    return self.begin_next_later();
                }
                Err(error) => self.last.set(Some(ConnectError { to, error })),
            }
        }
        if self.attempts.borrow().is_empty() {
            let why = match self.last.take() {
                Some(error) => Failure::new(error),
                None => Failure::new(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "no address to connect to",
                )),
            };
            self.fail_later(why);
        }
    }
    // ANCHOR_END: attempt

    fn begin_next_later(self: &Rc<Self>) {
        if self.left.borrow().is_empty() {
            return;
        }
        let weak: Weak<Race> = Rc::downgrade(self);
        let next = self.reactor.call_later(self.stagger, move |_| {
            if let Some(race) = weak.upgrade()
                && race.is_open()
            {
                race.attempt();
            }
        });
        if let Some(before) = self.next.replace(Some(next)) {
            let _ = before.cancel(); // it may have run
        }
    }

    fn answered(self: &Rc<Self>, id: Id, to: &Address, what: Readiness) {
        match self.reactor.finish_connect(id) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(()) => {
                let Some(factory) = self.decide(Some(id)) else {
                    return;
                };
                build(&self.reactor, id, to, factory, what);
            }
            Err(error) => {
                self.attempts.borrow_mut().retain(|other| *other != id);
                self.reactor.close(id, false);
                let to = to.clone();
                self.last.set(Some(ConnectError { to, error }));
                self.attempt();
            }
        }
    }

    /// The race is over: closes all attempts but the winner, and returns the factory, once.
    fn decide(&self, winner: Option<Id>) -> Option<Rc<dyn Factory>> {
        let factory = self.factory.take()?;
        for timer in [self.timer.take(), self.next.take()].into_iter().flatten() {
            let _ = timer.cancel(); // it may have run
        }
        for id in self.attempts.take() {
            if Some(id) != winner {
                self.reactor.close(id, true);
            }
        }
        Some(factory)
    }

    fn time_is_up(&self, limit: Duration) {
        let to = self.first();
        let error = io::Error::new(
            io::ErrorKind::TimedOut,
            format!("no answer within {limit:?}"),
        );
        self.fail_later(Failure::new(ConnectError { to, error }));
    }

    /// The factory hears of it in the next turn.
    fn fail_later(&self, why: Failure) {
        let (Some(factory), to) = (self.decide(None), self.first()) else {
            return;
        };
        self.reactor.call_soon(move |_| {
            guard_last("connection_failed", || factory.connection_failed(&to, why));
            guard_last("a factory's destructor", || drop(factory));
        });
    }
}

fn build(reactor: &Handle, id: Id, to: &Address, factory: Rc<dyn Factory>, what: Readiness) {
    match guard(|| factory.build_protocol(to)) {
        Ok(Some(protocol)) => {
            let link = Connection::start(reactor, id, to.clone(), protocol);
            link.0.made();
            // The same wake may have announced data, and will not do so again. That it can be written is known.
            link.0.became_ready(Readiness {
                write: false,
                ..what
            });
        }
        Ok(None) => reactor.close(id, false),
        Err(failure) => {
            report("a factory failed and lost a connection", &failure);
            reactor.close(id, true);
        }
    }
    guard_last("a factory's destructor", || drop(factory));
}

/// One attempt, at one address.
struct Attempt {
    to: Address,
    race: Rc<Race>,
}

impl Source for Attempt {
    fn ready(self: Rc<Self>, _: &Handle, id: Id, what: Readiness) {
        if what.write || what.read_closed {
            self.race.answered(id, &self.to, what);
        }
    }
}
