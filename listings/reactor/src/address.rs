//! Where a listener listens, or a peer is; and where an address that stands for all of a host leads.
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

/// Where a listener listens, or a peer is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// An IP address and a port. Port 0 lets the world choose one.
    Inet(SocketAddr),
    /// A path of a Unix socket; the empty path for a peer that has none.
    Unix(PathBuf),
}

impl Address {
    /// That port of 127.0.0.1.
    ///
    /// ```
    /// assert_eq!(reactor::Address::loopback(4080).to_string(), "127.0.0.1:4080");
    /// ```
    pub const fn loopback(port: u16) -> Address {
        Address::Inet(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }

    /// Returns where that leads: what stands for all addresses is this host.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn destination(&self) -> Address {
        match self {
            Address::Inet(to) => Address::Inet(destination(*to)),
            Address::Unix(path) => Address::Unix(path.clone()),
        }
    }

    /// Returns the port, if it is an address that has one.
    pub fn port(&self) -> Option<u16> {
        match self {
            Address::Inet(at) => Some(at.port()),
            Address::Unix(_) => None,
        }
    }
}

/// Returns where that leads: what stands for all addresses is this host.
pub(crate) fn destination(to: SocketAddr) -> SocketAddr {
    let ip = match to.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, to.port())
}

impl From<SocketAddr> for Address {
    fn from(at: SocketAddr) -> Address {
        Address::Inet(at)
    }
}

impl From<PathBuf> for Address {
    fn from(path: PathBuf) -> Address {
        Address::Unix(path)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Inet(at) => at.fmt(f),
            Address::Unix(path) => path.display().fmt(f),
        }
    }
}
