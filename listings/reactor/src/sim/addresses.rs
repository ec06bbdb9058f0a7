//! Which addresses are taken in a simulated world, and who is found at one.
use crate::{Address, Id};
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

/// A path of a Unix socket is shorter than this
/// ([unix(7)](https://man7.org/linux/man-pages/man7/unix.7.html)).
const LONGEST_PATH: usize = 108;

/// Who has which address.
#[derive(Default)]
pub(super) struct AddressTable {
    all: BTreeMap<Address, Vec<Id>>,
}

const EVERYWHERE_4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const EVERYWHERE_6: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

fn inet(ip: IpAddr, port: u16) -> Address {
    Address::Inet(SocketAddr::new(ip, port))
}

impl AddressTable {
    pub(super) fn add(&mut self, at: Address, id: Id) {
        self.all.entry(at).or_default().push(id);
    }

    pub(super) fn remove(&mut self, at: &Address, id: Id) {
        if let Some(ids) = self.all.get_mut(at) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.all.remove(at);
            }
        }
    }

    /// Returns whether a socket has that address already, or one that contains it, or a part of it:
    /// `[::]` is all addresses, also those of IPv4.
    pub(super) fn is_taken(&self, at: &Address) -> bool {
        let Address::Inet(at) = at else {
            return self.all.contains_key(at);
        };
        let (ip, port) = (at.ip().to_canonical(), at.port());
        let overlaps = |other: IpAddr| {
            let everywhere =
                |a: IpAddr, b: IpAddr| a == EVERYWHERE_6 || a == EVERYWHERE_4 && b.is_ipv4();
            other == ip || everywhere(ip, other) || everywhere(other, ip)
        };
        self.all.keys().any(|other| match other {
            Address::Inet(other) => other.port() == port && overlaps(other.ip().to_canonical()),
            Address::Unix(_) => false,
        })
    }

    /// Returns the sockets at that address: at exactly that, or at its port on all addresses.
    pub(super) fn at(&self, to: &Address) -> &[Id] {
        let found = match to {
            Address::Unix(_) => self.all.get(to),
            Address::Inet(to) => {
                let (ip, port) = (to.ip().to_canonical(), to.port());
                let four = || {
                    self.all
                        .get(&inet(EVERYWHERE_4, port))
                        .filter(|_| ip.is_ipv4())
                };
                let exact = self.all.get(&inet(ip, port));
                let exact = exact.or_else(|| self.all.get(&Address::Inet(*to)));
                let exact = exact.or_else(|| match ip {
                    IpAddr::V4(ip) => self.all.get(&inet(ip.to_ipv6_mapped().into(), port)),
                    IpAddr::V6(_) => None,
                });
                // As on a system: the more precise address has it.
                exact
                    .or_else(four)
                    .or_else(|| self.all.get(&inet(EVERYWHERE_6, port)))
            }
        };
        found.map_or(&[], Vec::as_slice)
    }
}

/// Returns how an address is called by a socket of that family.
pub(super) fn as_seen_by(six: bool, address: Address) -> Address {
    match address {
        Address::Inet(at) => {
            let ip = match at.ip() {
                IpAddr::V4(ip) if six => IpAddr::V6(ip.to_ipv6_mapped()),
                IpAddr::V6(_) if !six => at.ip().to_canonical(),
                ip => ip,
            };
            Address::Inet(SocketAddr::new(ip, at.port()))
        }
        unix @ Address::Unix(_) => unix,
    }
}

pub(super) fn check_path(path: &Path) -> io::Result<()> {
    let length = path.as_os_str().len();
    if length == 0 || length >= LONGEST_PATH {
        return Err(ErrorKind::InvalidInput.into());
    }
    Ok(())
}
