//! Endpoints: where to listen or to connect, as text. `tcp:4080:interface=127.0.0.1`, `unix:/path`.
use crate::reactor::{Handle, Id, Source};
use crate::transport::{self, Factory};
use mio::net;
use std::net::{SocketAddr, SocketAddrV4};
use std::{error::Error, fmt, ops::Range, path::PathBuf};
use std::{io, rc::Rc};

#[derive(Clone, Debug, PartialEq)]
pub enum Endpoint {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// What is wrong, and which bytes of the text are.
#[derive(Debug, PartialEq)]
pub struct EndpointError {
    text: String,
    part: Range<usize>,
    what: &'static str,
}

impl Endpoint {
    pub fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        let wrong = |part, what| EndpointError { text: text.to_owned(), part, what };
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let start = text.len() - rest.len();
        match kind {
            "unix" if rest.is_empty() => Err(wrong(start..start, "the path is missing")),
            "unix" => Ok(Endpoint::Unix(rest.into())),
            "tcp" => {
                let (port, at) = rest.split_once(":interface=").unwrap_or((rest, "0.0.0.0"));
                let ports = start..start + port.len();
                let port = port.parse().map_err(|_| wrong(ports, "this is no port"))?;
                let interface = || text.len() - at.len()..text.len();
                let ip = at.parse().map_err(|_| wrong(interface(), "this is no address"))?;
                Ok(Endpoint::Tcp(SocketAddrV4::new(ip, port).into()))
            }
            _ => Err(wrong(0..kind.len(), "neither tcp nor unix")),
        }
    }

    pub fn listen(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> io::Result<Id> {
        match self {
            Endpoint::Tcp(at) => transport::listen(reactor, net::TcpListener::bind(*at)?, factory),
            Endpoint::Unix(path) => {
                let mut listener = net::UnixListener::bind(path)?;
                let id = reactor.adopt(&mut listener)?;
                reactor.register(id, Rc::new(UnixPort { listener, factory }));
                Ok(id)
            }
        }
    }
}

/// As the transport's own port, for Unix sockets.
struct UnixPort {
    listener: net::UnixListener,
    factory: Rc<dyn Factory>,
}

impl Source for UnixPort {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id) {
        while let Ok((stream, _)) = self.listener.accept() {
            let made = transport::connect(reactor, Box::new(stream), self.factory.clone());
            made.unwrap_or_else(|error| self.factory.connection_failed(error.into()));
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.text[..self.part.start].chars().count();
        let marks = self.text[self.part.clone()].chars().count().max(1);
        let (text, what) = (&self.text, self.what);
        write!(f, "{text}\n{:before$}{:^<marks$} {what}", "", "")
    }
}

impl Error for EndpointError {}
