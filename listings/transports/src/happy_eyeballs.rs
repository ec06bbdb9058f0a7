//! Happy eyeballs: one attempt for each address, a little later the next one beside it, and the
//! first that is connected wins ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305)).
use crate::{
    Factory,
    connection::Connection,
    panics::{catch_and_report, catch_panic, report},
};
use deferreds::Failure;
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

/// How to connect: for how long, and how soon to try the next address.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// Fails with `TimedOut` when there is no connection after so long. `None` waits as long as the
    /// world does.
    pub timeout: Option<Duration>,
    /// With several addresses, the next attempt begins after so long, or when the one before has
    /// failed.
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

/// All attempts for one connection.
pub(crate) struct Race {
    reactor: Handle,
    /// There until the race is decided.
    factory: Cell<Option<Rc<dyn Factory>>>,
    to: RefCell<Vec<Address>>,
    /// Those that were not tried yet.
    left: RefCell<VecDeque<Address>>,
    /// The sockets of the attempts that are under way.
    attempts: RefCell<Vec<Id>>,
    stagger: Duration,
    /// Why the last attempt that failed did so.
    last: Cell<Option<ConnectError>>,
    /// The timers of the whole race and of the next attempt.
    timer: Cell<Option<DelayedCall>>,
    next: Cell<Option<DelayedCall>>,
}

impl Race {
    /// Starts the clock. No attempt is made yet.
    #[track_caller]
    pub(crate) fn begin(
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
            // Weak, as the race owns its timer: else a forgotten race would live until it fires.
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

    /// Replaces the addresses, when those of a name are known.
    pub(crate) fn set_addresses(&self, to: Vec<Address>) {
        *self.left.borrow_mut() = interleave(&to);
        *self.to.borrow_mut() = to;
    }

    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.to.borrow().clone()
    }

    /// Returns the first address; the unspecified one when there is none.
    pub(crate) fn first(&self) -> Address {
        let first = self.to.borrow().first().cloned();
        first.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)).into())
    }

    /// Whether the race is not decided yet.
    pub(crate) fn is_open(&self) -> bool {
        let factory = self.factory.take();
        let open = factory.is_some();
        self.factory.set(factory);
        open
    }

    // ANCHOR: attempt
    /// Begins the next attempt. When no address is left, the last attempt under way decides.
    #[track_caller]
    pub(crate) fn attempt(self: &Rc<Self>) {
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
                // It failed at once: the next address need not wait for the stagger.
                Err(error) => self.last.set(Some(ConnectError { to, error })),
            }
        }
        // Else one of those under way may still be answered.
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

    /// Begins the next attempt after a while, beside those that have not been answered.
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

    /// Takes the outcome of one attempt: the first that is connected wins.
    fn answered(self: &Rc<Self>, id: Id, to: &Address, what: Readiness) {
        match self.reactor.finish_connect(id) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {} // not yet
            Ok(()) => {
                let Some(factory) = self.decide(Some(id)) else {
                    return; // another one has won; `decide` closed this socket
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

    /// Ends the race: closes all attempts but the winner, and returns the factory, once.
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

    /// Ends the race without a winner. The factory is told in the next turn, never inside a call of
    /// its own.
    pub(crate) fn fail_later(&self, why: Failure) {
        let (Some(factory), to) = (self.decide(None), self.first()) else {
            return;
        };
        self.reactor.call_soon(move |_| {
            catch_and_report("connection_failed", || factory.connection_failed(&to, why));
            catch_and_report("a factory's destructor", || drop(factory));
        });
    }
}

/// Makes a connection of the winner, with a protocol that the factory builds.
fn build(reactor: &Handle, id: Id, to: &Address, factory: Rc<dyn Factory>, what: Readiness) {
    match catch_panic(|| factory.build_protocol(to)) {
        Ok(Some(protocol)) => {
            let source = Connection::start(reactor, id, to.clone(), protocol);
            source.0.tell_made();
            // The same wake may have announced data, and will not do so again. That it can be
            // written is known.
            source.0.became_ready(Readiness {
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
    catch_and_report("a factory's destructor", || drop(factory));
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

/// Returns IPv6 and IPv4 in turns, in their order otherwise, beginning with the family of the
/// first.
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
