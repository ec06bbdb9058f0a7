//! How the operating system does what not every world can: datagrams, names, signals, descriptors.
//! `os.rs` says which of them it has.
use super::{Connection, Os, not_connected, options, socket::Socket};
use crate::{Address, Datagrams, Found, Id, Names, Readiness, Ready, capabilities::too_long};
use std::{
    io::{self, ErrorKind},
    net::{IpAddr, ToSocketAddrs},
};

#[cfg(unix)]
use super::unix;

/// EMSGSIZE: the message is too long
/// ([errno(3)](https://man7.org/linux/man-pages/man3/errno.3.html)).
const TOO_LONG: i32 = match () {
    () if cfg!(windows) => 10_040,
    () if cfg!(any(target_os = "linux", target_os = "android")) => 90,
    () => 40,
};

impl Datagrams for Os {
    fn bind(&mut self, at: &Address, reuse: bool) -> io::Result<Id> {
        match at {
            Address::Inet(at) => self.add(options::bind(*at, reuse)?, Connection::None),
            #[cfg(unix)]
            Address::Unix(path) => self.keep_bound(unix::bind(path)?),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(ErrorKind::Unsupported.into()),
        }
    }

    fn set_peer(&mut self, id: Id, peer: &Address) -> io::Result<()> {
        let open = self.open(id)?;
        match (&open.socket, peer) {
            (Socket::Udp(socket), Address::Inet(to)) => socket.connect(*to)?,
            #[cfg(unix)]
            (Socket::UnixDatagram(socket), Address::Unix(path)) => socket.connect(path)?,
            (socket, _) => return Err(unfit(socket)),
        }
        open.peer = Some(open.socket.peer_address().unwrap_or_else(|_| peer.clone()));
        Ok(())
    }

    fn send(&mut self, id: Id, datagram: &[u8], to: Option<&Address>) -> io::Result<()> {
        let open = self.open(id)?;
        // Systems differ in their error for this (EDESTADDRREQ, ENOTCONN); here it is one.
        if to.is_none() && open.peer.is_none() {
            return Err(not_connected());
        }
        let sent = match (&open.socket, to) {
            (Socket::Udp(socket), None) => socket.send(datagram),
            (Socket::Udp(socket), Some(Address::Inet(to))) => socket.send_to(datagram, *to),
            #[cfg(unix)]
            (Socket::UnixDatagram(socket), None) => socket.send(datagram),
            #[cfg(unix)]
            (Socket::UnixDatagram(socket), Some(Address::Unix(path))) => {
                socket.send_to(datagram, path)
            }
            (socket, _) => return Err(unfit(socket)),
        };
        match sent {
            Ok(_) => Ok(()),
            Err(error) if error.raw_os_error() == Some(TOO_LONG) => Err(too_long()),
            Err(error) => {
                if error.kind() == ErrorKind::WouldBlock && to.is_some() {
                    // A system tells when the peer has room, and of others nothing.
                    self.announce(Ready {
                        id,
                        what: Readiness::WRITE,
                    });
                }
                Err(error)
            }
        }
    }

    fn receive(&mut self, socket: Id, buffer: &mut [u8]) -> io::Result<(usize, Address)> {
        match &self.open(socket)?.socket {
            Socket::Udp(socket) => {
                let (count, from) = socket.recv_from(buffer)?;
                Ok((count, from.into()))
            }
            #[cfg(unix)]
            Socket::UnixDatagram(socket) => {
                let (count, from) = socket.recv_from(buffer)?;
                Ok((count, unix::unix_address(&from)))
            }
            _ => Err(not_connected()),
        }
    }
}

/// Why a datagram cannot go to such an address from that socket.
fn unfit(socket: &Socket) -> io::Error {
    match socket {
        Socket::Udp(_) => ErrorKind::InvalidInput.into(),
        #[cfg(unix)]
        Socket::UnixDatagram(_) => ErrorKind::InvalidInput.into(),
        _ => not_connected(),
    }
}

impl Names for Os {
    fn look_up(&mut self, name: &str, found: Found) {
        if let Ok(address) = name.parse::<IpAddr>() {
            return found(Ok(vec![address]));
        }
        let name = name.to_owned();
        self.names.run(Box::new(move || found(addresses(&name))));
    }
}

/// Returns what the system's resolver says. It blocks.
fn addresses(name: &str) -> io::Result<Vec<IpAddr>> {
    let mut all: Vec<IpAddr> = Vec::new();
    for at in (name, 0).to_socket_addrs()? {
        if !all.contains(&at.ip()) {
            all.push(at.ip()); // it is named once for each kind of socket
        }
    }
    if all.is_empty() {
        return Err(ErrorKind::NotFound.into());
    }
    Ok(all)
}

#[cfg(all(unix, feature = "signals"))]
impl crate::Signals for Os {
    fn watch(&mut self, which: &[crate::Signal]) -> io::Result<Id> {
        let signals = super::signals::Signals::new(which)?;
        self.add(Socket::Signals(signals), Connection::None)
    }

    fn next(&mut self, id: Id) -> io::Result<crate::Signal> {
        match &mut self.open(id)?.socket {
            Socket::Signals(signals) => signals.next().ok_or_else(|| ErrorKind::WouldBlock.into()),
            _ => Err(not_connected()),
        }
    }

    fn is_ignored(&self, signal: crate::Signal) -> bool {
        super::signals::is_ignored(signal)
    }
}

#[cfg(unix)]
impl crate::Descriptors for Os {
    fn adopt(&mut self, fd: std::os::fd::OwnedFd, kind: crate::Kind) -> io::Result<Id> {
        use crate::Kind::*;
        let connection = match kind {
            TcpStream | UnixStream | PipeReader | PipeWriter => Connection::There,
            _ => Connection::None,
        };
        self.add(unix::adopt(fd, kind)?, connection)
    }
}
