//! Connecting: to an address, to the first of several, to a host by name. The factory is told of
//! the outcome once.
use crate::{ConnectError, ConnectOptions, Factory, happy_eyeballs::Race};
use deferreds::{Cancelled, Failure};
use reactor::{Address, Handle};
use std::{fmt, io, net::SocketAddr, rc::Rc};

/// Connects to `to`, with the default [`ConnectOptions`]. When the connection is there, `factory`
/// builds its protocol; when there will be none, its `connection_failed` says why. Neither happens
/// inside this call.
///
/// ```
/// use deferreds::Failure;
/// use reactor::{Address, Reactor, Sim};
/// use std::rc::Rc;
/// use transports::{ConnectError, Factory, Protocol, connect};
///
/// struct Refused;
///
/// impl Factory for Refused {
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
/// connect(&reactor.handle(), &Address::loopback(4080), Rc::new(Refused));
/// for _ in 0..3 {
///     reactor.turn(Some(std::time::Duration::from_secs(1)))?;
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Source:
/// [`connectTCP`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IReactorTCP.html).
#[track_caller]
pub fn connect(reactor: &Handle, to: &Address, factory: Rc<dyn Factory>) -> Connector {
    connect_any(
        reactor,
        std::slice::from_ref(to),
        factory,
        ConnectOptions::default(),
    )
}

/// Connects to the first of several addresses that answers: one attempt after the other, and a
/// little later the next one beside it ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305), "happy
/// eyeballs"). IPv6 and IPv4 addresses take turns.
///
/// If none answers, the factory is told the last one's error.
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

/// Looks up the addresses of a host, in a thread of its own, and connects to the first that
/// answers. The time limit holds for both together.
///
/// The factory hears of a name that is not found as a [`ConnectError`] to the unspecified address
/// and that port.
///
/// Source:
/// [`HostnameEndpoint`](https://docs.twisted.org/en/stable/api/twisted.internet.endpoints.HostnameEndpoint.html).
#[track_caller]
pub fn connect_host(
    reactor: &Handle,
    host: &str,
    port: u16,
    factory: Rc<dyn Factory>,
    options: ConnectOptions,
) -> Connector {
    // There is no address yet, and a name that is not found never has one.
    let unknown = Address::from(SocketAddr::from(([0, 0, 0, 0], port)));
    let race = Race::begin(reactor, vec![unknown], factory, options);
    let (looking, name) = (Rc::clone(&race), host.to_owned());
    reactor.look_up(host, move |_, found| {
        let race = looking;
        // Cancelled, or too late: the factory has been told already.
        if !race.is_open() {
            return;
        }
        match found {
            Ok(found) => {
                let at_port = |ip| SocketAddr::new(ip, port).into();
                race.set_addresses(found.into_iter().map(at_port).collect());
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
    /// Returns the addresses that were asked for, or found for a name.
    #[must_use]
    pub fn destinations(&self) -> Vec<Address> {
        self.race.addresses()
    }

    /// Returns the first of them; the unspecified address when there is none.
    #[must_use]
    pub fn destination(&self) -> Address {
        self.race.first()
    }

    /// Stops connecting. The factory is told of [`Cancelled`], later. When the connection is made
    /// already, or has failed, or was cancelled before, this does nothing.
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
