//! Endpoints: where to listen or to connect, as text. `tcp:4080:interface=127.0.0.1`, `unix:/path`.
use std::net::{SocketAddr, SocketAddrV4};
use std::{error::Error, fmt, ops::Range, path::PathBuf};

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
