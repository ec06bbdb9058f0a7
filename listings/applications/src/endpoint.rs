//! Where a server listens, written as a string: the kinds there are, and to listen there.
use crate::{EndpointError, Options, kinds};
use deferreds::Failure;
use reactor::{Address, Handle};
use std::{collections::BTreeMap, error::Error, fmt, io, rc::Rc, str::FromStr};
use transports::{Factory, Port};

// ANCHOR: endpoint
/// Where a server listens. Changing it changes nothing else of the server.
///
/// | string | meaning |
/// |---|---|
/// | `tcp:4080` | port 4080 of every IPv4 address of this machine |
/// | `tcp:port=4080:interface=127.0.0.1` | port 4080 of that address |
/// | `tcp6:4080`, `tcp6:4080:interface=\:\:1` | the same for IPv6 |
/// | `ssl:4443:privateKey=key.pem:certKey=cert.pem` | TLS on port 4443, with these files; see below |
/// | `unix:/run/finger.sock`, `unix:/run/finger.sock:mode=660` | that path, and who may connect to it |
/// | `stdio:` | standard input and output: one connection |
/// | `systemd:index=0`, `systemd:domain=UNIX:index=1` | a socket that systemd has opened and handed over |
///
/// Port 0 lets the system choose. A colon, an equals sign or a backslash in a value is written with
/// a backslash before it.
///
/// `ssl` (or `tls`) takes `interface` as `tcp` does, for both families, and
///
/// - `privateKey`, `certKey`: PEM files. Without `certKey` the certificates are in the file of the
///   key, too;
/// - `extraCertChain`: a PEM file with the certificates between yours and the root;
/// - `minVersion`: `1.2`, which it is without, or `1.3`;
/// - `names`: a folder of PEM files, each with a key and its certificates and called after a host,
///   such as `poems.example.pem`. A client that asks for that host (SNI) is shown those; every
///   other one `privateKey`'s.
///
/// The files are read when the string is parsed, so that each mistake in it has its place.
///
/// Source:
/// [`serverFromString`](https://docs.twisted.org/en/stable/api/twisted.internet.endpoints.serverFromString.html).
#[derive(Clone)]
pub struct Endpoint {
    text: Rc<str>,
    what: Rc<dyn Listen>,
}
// ANCHOR_END: endpoint

// ANCHOR: listen
/// What a kind of endpoint makes of its options.
pub trait Listen {
    /// Opens what there is to be opened. Each connection gets a protocol of the factory.
    ///
    /// # Errors
    /// It cannot be opened. Nothing stays open then.
    fn listen(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> io::Result<Listening>;
}

/// Understands the options of one kind of endpoint.
pub type Kind = fn(&mut Options) -> Result<Rc<dyn Listen>, EndpointError>;
// ANCHOR_END: listen

/// The kinds of endpoints that a program knows.
///
/// One of your own is a function from its options:
///
/// ```
/// use applications::{Kinds, Listen, Listening};
/// use deferreds::Failure;
/// use reactor::{Address, Handle};
/// use std::{io, rc::Rc};
/// use transports::{Factory, listen};
///
/// /// One port of both loopback addresses.
/// struct Both(u16);
///
/// impl Listen for Both {
///     fn listen(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> io::Result<Listening> {
///         let v4 = listen(reactor, &Address::loopback(self.0), factory)?;
///         Ok(Listening::from(v4)) // and IPv6
///     }
/// }
///
/// let mut kinds = Kinds::standard();
/// kinds.add("both", |options| {
///     let port = options.number("port")?;
///     let port = port.ok_or_else(|| options.missing("the port is missing"))?;
///     Ok(Rc::new(Both(port)))
/// });
/// let endpoint = kinds.parse("both:4080")?;
/// assert!(kinds.parse("both:4080:mode=1").is_err());
/// # Ok::<(), applications::EndpointError>(())
/// ```
pub struct Kinds(BTreeMap<String, Kind>);

impl Kinds {
    /// Returns those of [`Endpoint`].
    #[must_use]
    pub fn standard() -> Kinds {
        let mut kinds = Kinds(BTreeMap::new());
        kinds.add("tcp", kinds::tcp);
        kinds.add("tcp6", kinds::tcp6);
        kinds.add("ssl", kinds::ssl);
        kinds.add("tls", kinds::ssl);
        #[cfg(unix)]
        {
            kinds.add("unix", kinds::unix);
            kinds.add("stdio", crate::stdio::kind);
            kinds.add("systemd", crate::inherited::kind);
        }
        kinds
    }

    /// Adds one, or puts it in the place of the one with that name.
    pub fn add(&mut self, name: &str, kind: Kind) {
        self.0.insert(name.to_owned(), kind);
    }

    /// Returns the endpoint that the string means.
    ///
    /// # Errors
    /// [`EndpointError`], which points at the place.
    pub fn parse(&self, text: &str) -> Result<Endpoint, EndpointError> {
        let mut options = Options::parse(text)?;
        let Some(kind) = self.0.get(options.kind()) else {
            let names: Vec<_> = self.0.keys().map(String::as_str).collect();
            return Err(options.kind_error(&names.join(", ")));
        };
        let what = kind(&mut options)?;
        options.finish()?;
        let text = text.into();
        Ok(Endpoint { text, what })
    }
}

impl Endpoint {
    /// Opens it. Each connection gets a protocol of the factory.
    ///
    /// # Errors
    /// [`ListenError`], which names the endpoint: the address is in use, or it is not
    /// allowed.
    #[track_caller]
    pub fn listen(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> Result<Listening, Failure> {
        self.what.listen(reactor, factory).map_err(|error| {
            let endpoint = self.to_string();
            Failure::new(ListenError { endpoint, error })
        })
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Endpoint, EndpointError> {
        Kinds::standard().parse(text)
    }
}

impl fmt::Display for Endpoint {
    /// Writes the string from which it was parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&&*self.text).finish()
    }
}

/// What an endpoint has opened. Dropping it stops nothing: the reactor owns what listens.
#[derive(Debug, Default)]
pub struct Listening(Vec<Port>);

impl Listening {
    /// Makes one of several ports.
    #[must_use]
    pub fn at(ports: Vec<Port>) -> Listening {
        Listening(ports)
    }

    /// Returns where it listens, with the port that the system chose. Standard input is no address.
    #[must_use]
    pub fn address(&self) -> Option<&Address> {
        self.0.first().map(Port::address)
    }

    /// Returns all addresses.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.0.iter().map(Port::address)
    }

    /// Accepts nothing more. Connections that were made live on. Twice is once.
    pub fn stop_listening(&self) {
        self.0.iter().for_each(Port::stop_listening);
    }
}

impl From<Port> for Listening {
    fn from(port: Port) -> Listening {
        Listening(vec![port])
    }
}

/// An endpoint cannot be listened at.
#[derive(Debug)]
pub struct ListenError {
    endpoint: String,
    error: io::Error,
}

impl ListenError {
    /// Returns why, as the system says it.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        self.error.kind()
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen at {}: {}", self.endpoint, self.error)
    }
}

impl Error for ListenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}
