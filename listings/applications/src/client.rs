//! Where a client connects to, written as a string.
use crate::{
    EndpointError, Options, certificates,
    observed::{Observer, observed},
};
use deferreds::{Deferred, Failure, Resolver};
use reactor::{Address, Handle};
use std::{
    cell::{Cell, RefCell},
    fmt,
    net::{IpAddr, SocketAddr},
    rc::Rc,
    str::FromStr,
};
use transports::{
    ConnectOptions, Connector, Factory, Transport, connect_any, connect_host,
    tls::{Tls, secure},
};

// ANCHOR: client
/// Where a client connects to. Changing it changes nothing else of the client.
///
/// | string | meaning |
/// |---|---|
/// | `tcp:poems.example:4080`, `tcp:host=127.0.0.1:port=4080` | that port of that host |
/// | `tls:poems.example:4443` (or `ssl:`) | the same, in TLS |
/// | `unix:/run/finger.sock` | that path |
///
/// `timeout=2.5` is a time in seconds, 30 without it. `tls` takes
///
/// - `trustRoots`: a PEM file of the authorities that are believed; without it, those that this
///   machine believes;
/// - `minVersion`: `1.2`, which it is without, or `1.3`;
/// - `privateKey`, `certKey`, `extraCertChain`: PEM files, if the server wants to know who is
///   there;
/// - `name`: the host that the certificate must be for, if it is not the one that is connected to.
///
/// Source:
/// [`clientFromString`](https://docs.twisted.org/en/stable/api/twisted.internet.endpoints.clientFromString.html).
#[derive(Clone)]
pub struct ClientEndpoint {
    text: Rc<str>,
    to: Destination,
    tls: Option<Tls>,
    options: ConnectOptions,
}
// ANCHOR_END: client

/// An address, or a host to look up and a port.
#[derive(Clone)]
enum Destination {
    Address(Address),
    Host(String, u16),
}

impl ClientEndpoint {
    /// Connects, and fires with the transport when the factory's protocol has heard of its
    /// connection: over TLS, when the handshake is done. The factory's `connection_failed` is not
    /// called; the Deferred fails instead.
    ///
    /// Cancelled, it stops connecting, or aborts the connection that is in its handshake.
    ///
    /// ```
    /// use applications::ClientEndpoint;
    /// use reactor::{Reactor, Sim};
    /// use std::rc::Rc;
    /// use transports::Address;
    /// # use deferreds::Failure;
    /// # use transports::{Protocol, Transport};
    /// # struct Quiet;
    /// # impl Protocol for Quiet {
    /// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
    /// # }
    ///
    /// let mut reactor = Reactor::new(Sim::new(1));
    /// let handle = reactor.handle();
    /// let endpoint: ClientEndpoint = "tcp:127.0.0.1:4080:timeout=5".parse()?;
    /// endpoint.connect(&handle, Rc::new(|_: &Address| Quiet)).on_result(move |result| {
    ///     let why = result.unwrap_err().to_string();
    ///     assert_eq!(why, "no connection to 127.0.0.1:4080: connection refused");
    ///     handle.stop().unwrap();
    /// });
    /// reactor.run().unwrap();
    /// # Ok::<(), applications::EndpointError>(())
    /// ```
    #[track_caller]
    pub fn connect(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> Deferred<Transport> {
        let observer = Rc::new(ConnectObserver::default());
        let undo = Rc::clone(&observer);
        let (resolver, connected) = Deferred::with_canceller(move |instead| {
            undo.cancelled.set(true);
            if let Some(connector) = undo.connector.take() {
                connector.cancel();
            }
            drop(instead);
        });
        observer.resolver.set(Some(resolver));
        let connector = self.begin(reactor, factory, observer.clone());
        observer.connector.replace(Some(connector));
        connected
    }

    /// Connects, and tells `observer` what becomes of it.
    pub(crate) fn begin(
        &self,
        reactor: &Handle,
        factory: Rc<dyn Factory>,
        observer: Rc<dyn Observer>,
    ) -> Connector {
        let mut factory = observed(factory, observer);
        if let Some(tls) = &self.tls {
            factory = secure(tls.clone(), factory);
        }
        let options = self.options.clone();
        match &self.to {
            Destination::Address(to) => {
                connect_any(reactor, std::slice::from_ref(to), factory, options)
            }
            Destination::Host(host, port) => connect_host(reactor, host, *port, factory, options),
        }
    }
}

/// Fires the Deferred of one `connect`.
#[derive(Default)]
struct ConnectObserver {
    resolver: Cell<Option<Resolver<Transport>>>,
    connector: RefCell<Option<Connector>>,
    cancelled: Cell<bool>,
}

impl Observer for ConnectObserver {
    fn made(&self, transport: &Transport) {
        if self.cancelled.get() {
            // It was in the middle of a handshake.
            return transport.abort_connection();
        }
        if let Some(resolver) = self.resolver.take() {
            let made = transport.clone();
            // Not inside the protocol's callback.
            transport
                .handle()
                .call_soon(move |_| resolver.callback(made));
        }
    }

    fn lost(&self, _: &Transport) {}

    fn failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self.resolver.take() {
            resolver.errback(why);
        }
    }
}

const KINDS: &str = "tcp, tls, unix";

impl FromStr for ClientEndpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<ClientEndpoint, EndpointError> {
        let mut options = Options::parse(text)?;
        let (to, tls) = match options.kind() {
            "tcp" => (host(&mut options)?, None),
            "tls" | "ssl" => {
                let to = host(&mut options)?;
                let tls = tls(&mut options, &to)?;
                (to, Some(tls))
            }
            "unix" => match options.positional("path")? {
                Some(path) if !path.is_empty() => {
                    (Destination::Address(Address::Unix(path.into())), None)
                }
                _ => return Err(options.missing("the path is missing")),
            },
            _ => return Err(options.kind_error(KINDS)),
        };
        let mut how = ConnectOptions::default();
        if let Some(timeout) = options.seconds("timeout")? {
            how.timeout = Some(timeout);
        }
        options.finish()?;
        Ok(ClientEndpoint {
            text: text.into(),
            to,
            tls,
            options: how,
        })
    }
}

fn host(options: &mut Options) -> Result<Destination, EndpointError> {
    let host = options.positional("host")?;
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        return Err(options.missing("the host is missing: a name or an address"));
    };
    let ip = host.parse::<IpAddr>();
    if ip.is_err() && host.contains([' ', '/', ':', '@']) {
        return Err(options.wrong("this is no host: a name or an address"));
    }
    let Some(port) = options.number("port")? else {
        return Err(options.missing("the port is missing: a number from 0 to 65535"));
    };
    Ok(match ip {
        Ok(ip) => Destination::Address(SocketAddr::new(ip, port).into()),
        Err(_) => Destination::Host(host, port),
    })
}

fn tls(options: &mut Options, to: &Destination) -> Result<Tls, EndpointError> {
    let name = match (options.text("name")?, to) {
        (Some(name), _) => name,
        (None, Destination::Host(host, _)) => host.clone(),
        (None, Destination::Address(Address::Inet(at))) => at.ip().to_string(),
        (None, Destination::Address(Address::Unix(_))) => String::new(),
    };
    let wrong =
        options.wrong("no certificate can be for this: it is neither a name nor an address");
    let config = certificates::client(options)?;
    Tls::client(config, &name).map_err(|_| wrong)
}

impl fmt::Display for ClientEndpoint {
    /// Writes the string from which it was parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ClientEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientEndpoint").field(&&*self.text).finish()
    }
}
