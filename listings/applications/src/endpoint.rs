//! Where a server listens, written as a string: what the words mean.
use crate::words::{EndpointError, Word, escaped, words};
use deferreds::Failure;
use reactor::{Address, Handle};
use std::{
    error::Error,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    ops::Range,
    rc::Rc,
    str::FromStr,
};
use transports::{Factory, Port, listen};

// ANCHOR: endpoint
/// Where a server listens. Changing it changes nothing else of the server.
///
/// | string | meaning |
/// |---|---|
/// | `tcp:4080` | port 4080 of every IPv4 address of this machine |
/// | `tcp:port=4080:interface=127.0.0.1` | port 4080 of that address |
/// | `tcp6:4080`, `tcp6:4080:interface=\:\:1` | the same for IPv6 |
/// | `unix:/run/finger.sock` | that path |
///
/// Port 0 lets the system choose. A colon, an equals sign or a backslash in a value is written with a backslash before it.
///
/// Source: [`serverFromString`](https://docs.twisted.org/en/stable/api/twisted.internet.endpoints.serverFromString.html).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    at: Address,
}
// ANCHOR_END: endpoint

impl Endpoint {
    /// The address that is listened at.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.at
    }

    /// Opens the port. Each connection gets a protocol of the factory.
    ///
    /// # Errors
    /// [`ListenError`], which names the endpoint: somebody listens there already, or it is not allowed.
    #[track_caller]
    pub fn listen(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> Result<Port, Failure> {
        listen(reactor, &self.at, factory).map_err(|error| {
            Failure::new(ListenError {
                endpoint: self.clone(),
                error,
            })
        })
    }
}

/// The kinds there are, for a message.
const KINDS: &str = "tcp, tcp6, unix";

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Endpoint, EndpointError> {
        let mut found = words(text)?.into_iter();
        let kind = found.next().filter(|kind| kind.key.is_none());
        let Some(kind) = kind else {
            let what = format!("an endpoint begins with its kind: {KINDS}");
            return Err(EndpointError::new(
                text,
                0..text.find(':').unwrap_or(text.len()),
                what,
            ));
        };
        let mut options = Options::sort(text, found, &kind)?;
        let at = match kind.value.as_str() {
            "tcp" => options.inet(Ipv4Addr::UNSPECIFIED.into(), IpAddr::is_ipv4, "IPv4")?,
            "tcp6" => options.inet(Ipv6Addr::UNSPECIFIED.into(), IpAddr::is_ipv6, "IPv6")?,
            "unix" => options.unix()?,
            other => {
                let what = match other {
                    "" => format!("the kind is missing; the kinds are {KINDS}"),
                    _ => format!("this kind is not known; the kinds are {KINDS}"),
                };
                return Err(EndpointError::new(text, kind.at, what));
            }
        };
        options.nothing_left()?;
        Ok(Endpoint { at })
    }
}

impl fmt::Display for Endpoint {
    /// The string from which it can be parsed again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Address::Inet(at) => {
                let kind = if at.is_ipv4() { "tcp" } else { "tcp6" };
                write!(f, "{kind}:{}", at.port())?;
                if !at.ip().is_unspecified() {
                    write!(f, ":interface={}", escaped(&at.ip().to_string()))?;
                }
                Ok(())
            }
            Address::Unix(path) => write!(f, "unix:{}", escaped(&path.to_string_lossy())),
        }
    }
}

/// The words behind the kind: one that stands by its place, and those with keys.
struct Options<'t> {
    text: &'t str,
    first: Option<Word>,
    keyed: Vec<Word>,
    /// Behind the kind, for what is missing.
    end: Range<usize>,
}

impl<'t> Options<'t> {
    fn sort(
        text: &'t str,
        words: impl Iterator<Item = Word>,
        kind: &Word,
    ) -> Result<Options<'t>, EndpointError> {
        let mut options = Options {
            text,
            first: None,
            keyed: Vec::new(),
            end: kind.at.end..kind.at.end,
        };
        for word in words {
            options.end = word.at.end..word.at.end;
            if word.key.is_some() {
                if options.keyed.iter().any(|other| other.key == word.key) {
                    return Err(EndpointError::new(text, word.at, "this is there twice"));
                }
                options.keyed.push(word);
            } else if options.first.is_none() && options.keyed.is_empty() {
                options.first = Some(word);
            } else {
                let what = "this has no name: write key=value (and \\: for a colon in a value)";
                return Err(EndpointError::new(text, word.at, what));
            }
        }
        Ok(options)
    }

    /// The value that stands by its place, or under that key.
    fn take(&mut self, key: &str) -> Result<Option<Word>, EndpointError> {
        let named = self
            .keyed
            .iter()
            .position(|word| word.key.as_deref() == Some(key));
        let named = named.map(|at| self.keyed.remove(at));
        match (self.first.take(), named) {
            (Some(_), Some(named)) => {
                let what = format!("the {key} is there twice: once without its name");
                Err(EndpointError::new(self.text, named.at, what))
            }
            (first, named) => Ok(first.or(named)),
        }
    }

    fn missing(&self, what: &str) -> EndpointError {
        EndpointError::new(self.text, self.end.clone(), what)
    }

    fn inet(
        &mut self,
        every: IpAddr,
        fits: fn(&IpAddr) -> bool,
        family: &str,
    ) -> Result<Address, EndpointError> {
        let Some(port) = self.take("port")? else {
            return Err(self.missing("the port is missing: a number from 0 to 65535"));
        };
        let digits = port.value.bytes().all(|byte| byte.is_ascii_digit());
        let Some(number) = port.value.parse().ok().filter(|_| digits) else {
            let what = "this is no port; a port is a number from 0 to 65535";
            return Err(EndpointError::new(self.text, port.value_at, what));
        };
        let ip = match self.take("interface")? {
            None => every,
            Some(word) => match word.value.parse::<IpAddr>() {
                Ok(ip) if fits(&ip) => ip,
                _ => {
                    let what = format!("this is no {family} address");
                    return Err(EndpointError::new(self.text, word.value_at, what));
                }
            },
        };
        Ok(SocketAddr::new(ip, number).into())
    }

    fn unix(&mut self) -> Result<Address, EndpointError> {
        match self.take("address")? {
            Some(path) if !path.value.is_empty() => Ok(Address::Unix(path.value.into())),
            _ => Err(self.missing("the path is missing")),
        }
    }

    fn nothing_left(self) -> Result<(), EndpointError> {
        match self.first.into_iter().chain(self.keyed).next() {
            None => Ok(()),
            Some(word) => {
                let what = "this kind of endpoint does not know this";
                Err(EndpointError::new(self.text, word.at, what))
            }
        }
    }
}

/// An endpoint cannot be listened at.
#[derive(Debug)]
pub struct ListenError {
    endpoint: Endpoint,
    error: std::io::Error,
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
