//! Datagrams in a simulated world: UDP, which may lose them, and Unix sockets, which do not.
use super::{
    addresses::{as_seen_by, check_path},
    event_queue::Event,
    network::{Kind, Network, not_connected},
    traffic::{Arrival, Packet},
};
use crate::{
    Address, Id, Readiness, SocketOption,
    address::destination,
    capabilities::{too_long, unsuitable},
};
use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

/// The longest datagram: what fits into a packet of IPv4 or of IPv6, or into the usual buffer of a
/// Unix socket.
const LONGEST_4: usize = 65_507;
const LONGEST_6: usize = 65_527;
const LONGEST_UNIX: usize = 212_960;

/// So many datagrams wait at a Unix socket, and on Linux one more
/// ([unix(7)](https://man7.org/linux/man-pages/man7/unix.7.html), max_dgram_qlen).
const MOST_UNIX: usize = 10;

/// A socket for datagrams.
pub(super) struct Datagrams {
    pub(super) local: Address,
    pub(super) peer: Option<Address>,
    /// The peer of a Unix socket, whichever socket has its path by now.
    peer_id: Option<Id>,
    reuse: bool,
    arrived: VecDeque<(Vec<u8>, Address)>,
    /// The next call says this, once.
    error: Option<ErrorKind>,
    groups: Vec<IpAddr>,
    group_loop: bool,
    broadcast: bool,
    /// Those who found no room here.
    waiting: Vec<Id>,
}

impl Datagrams {
    pub(super) fn set(&mut self, option: SocketOption) -> io::Result<()> {
        match option {
            SocketOption::Broadcast(on) => self.broadcast = on,
            SocketOption::GroupLoop(on) => self.group_loop = on,
            // There are no routers here that would count.
            SocketOption::GroupTimeToLive(_) => {}
            SocketOption::JoinGroup(group) if self.groups.contains(&group) => {
                return Err(ErrorKind::AddrInUse.into());
            }
            SocketOption::JoinGroup(group) if group.is_multicast() => self.groups.push(group),
            SocketOption::JoinGroup(_) => return Err(ErrorKind::InvalidInput.into()),
            SocketOption::LeaveGroup(group) => {
                let before = self.groups.len();
                self.groups.retain(|joined| *joined != group);
                if self.groups.len() == before {
                    return Err(ErrorKind::AddrNotAvailable.into());
                }
            }
            _ => return Err(unsuitable()),
        }
        Ok(())
    }

    fn is_unix(&self) -> bool {
        matches!(self.local, Address::Unix(_))
    }

    pub(super) fn readiness(&self) -> Readiness {
        Readiness {
            read: !self.arrived.is_empty() || self.error.is_some(),
            write: true,
            error: self.error.is_some(),
            ..Readiness::default()
        }
    }

    fn check_length(&self, datagram: &[u8]) -> io::Result<()> {
        let longest = match &self.local {
            Address::Inet(at) if at.is_ipv4() => LONGEST_4,
            Address::Inet(_) => LONGEST_6,
            Address::Unix(_) => LONGEST_UNIX,
        };
        if datagram.len() > longest {
            return Err(too_long());
        }
        Ok(())
    }
}

impl Network {
    fn datagrams(&mut self, id: Id) -> io::Result<&mut Datagrams> {
        match self.kind(id) {
            Some(Kind::Datagrams(socket)) => Ok(socket),
            _ => not_connected(),
        }
    }

    pub(super) fn bind(&mut self, at: &Address, reuse: bool) -> io::Result<Id> {
        self.check_descriptors()?;
        let mut local = at.clone();
        match &mut local {
            Address::Inet(at) if at.port() == 0 => {
                at.set_port(self.free_port(*at, |network| &network.sockets)?);
            }
            Address::Inet(_) => {}
            Address::Unix(path) if path.as_os_str().is_empty() => {}
            Address::Unix(path) => check_path(path)?,
        }
        // A Unix socket without a path has no address, so none that could be taken.
        let nameless = local == Address::Unix(PathBuf::new());
        let taken = !nameless && self.is_bound(&local, reuse);
        if taken {
            return Err(ErrorKind::AddrInUse.into());
        }
        let socket = Datagrams {
            local: local.clone(),
            peer: None,
            peer_id: None,
            reuse,
            arrived: VecDeque::new(),
            error: None,
            groups: Vec::new(),
            group_loop: true,
            broadcast: false,
            waiting: Vec::new(),
        };
        let id = self.add(Kind::Datagrams(socket), true);
        if !nameless {
            self.sockets.add(local, id);
        }
        // As on a system: a new socket can be written to.
        self.tell(id, Readiness::WRITE);
        Ok(id)
    }

    fn is_bound(&mut self, at: &Address, reuse: bool) -> bool {
        if let Address::Unix(_) = at {
            return self.sockets.is_taken(at) || self.listeners.is_taken(at);
        }
        let shared = reuse
            && self
                .sockets
                .at(at)
                .to_vec()
                .iter()
                .all(|other| self.datagrams(*other).is_ok_and(|other| other.reuse));
        !shared && self.sockets.is_taken(at)
    }

    pub(super) fn set_peer(&mut self, id: Id, peer: &Address) -> io::Result<()> {
        let socket = self.datagrams(id)?;
        match (socket.local.clone(), peer) {
            (Address::Unix(_), Address::Unix(path)) => {
                check_path(path)?;
                let found = self.unix_datagrams_at(peer, id)?;
                let socket = self.datagrams(id)?;
                (socket.peer, socket.peer_id) = (Some(peer.clone()), Some(found));
                Ok(())
            }
            (Address::Inet(local), Address::Inet(to)) if local.is_ipv4() == to.is_ipv4() => {
                let to = destination(*to);
                socket.peer = Some(Address::Inet(to));
                if local.ip().is_unspecified() {
                    // From now on it has the one address from which it reaches its peer.
                    let here = Address::Inet(SocketAddr::new(to.ip(), local.port()));
                    socket.local = here.clone();
                    self.sockets.remove(&Address::Inet(local), id);
                    self.sockets.add(here, id);
                }
                Ok(())
            }
            _ => Err(ErrorKind::InvalidInput.into()),
        }
    }

    /// Returns the sockets that take datagrams at that path, and takes them from `from`.
    fn unix_datagrams_at(&mut self, path: &Address, from: Id) -> io::Result<Id> {
        let Some(found) = self.sockets.at(path).first().copied() else {
            let other = self.listeners.is_taken(path);
            return Err(match other {
                true => ErrorKind::ConnectionRefused.into(),
                false => ErrorKind::NotFound.into(),
            });
        };
        match self.datagrams(found)?.peer_id {
            Some(peer) if peer != from => Err(ErrorKind::PermissionDenied.into()),
            _ => Ok(found),
        }
    }

    pub(super) fn send_datagram(
        &mut self,
        id: Id,
        datagram: &[u8],
        to: Option<&Address>,
    ) -> io::Result<()> {
        let socket = self.datagrams(id)?;
        let unix = socket.is_unix();
        // As on a system: the call after an error returns it, and sends nothing.
        if let Some(error) = socket.error.take() {
            return Err(error.into());
        }
        if to.is_none() && socket.peer.is_none() {
            return not_connected();
        }
        match to {
            _ if unix => self.send_unix(id, datagram, to),
            None => {
                let peer = socket.peer.clone();
                match peer {
                    Some(Address::Inet(to)) => self.send_udp(id, datagram, to),
                    _ => not_connected(),
                }
            }
            Some(Address::Inet(to)) => self.send_udp(id, datagram, *to),
            Some(Address::Unix(_)) => Err(ErrorKind::InvalidInput.into()),
        }
    }

    fn send_udp(&mut self, id: Id, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
        let socket = self.datagrams(id)?;
        let Address::Inet(local) = socket.local else {
            return Err(ErrorKind::InvalidInput.into());
        };
        if local.is_ipv4() != to.is_ipv4() || to.port() == 0 {
            return Err(ErrorKind::InvalidInput.into());
        }
        socket.check_length(datagram)?;
        let to = destination(to);
        let everybody = to.ip() == IpAddr::V4(Ipv4Addr::BROADCAST);
        if everybody && !socket.broadcast {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let to_group = to.ip().is_multicast();
        // The simulated network is one machine, so the loop is the only way to a member.
        if to_group && !socket.group_loop {
            return Ok(());
        }
        // A socket on all addresses sends from the one by which it reaches the other side.
        let ip = match local.ip() {
            ip if !ip.is_unspecified() => ip,
            _ if everybody || to_group => match local.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            },
            _ => to.ip(),
        };
        let at = self.now + self.travel();
        if self.is_lost() || self.after_partition(at) != at {
            return Ok(()); // a lost datagram is not sent again
        }
        let what = Packet::Datagram {
            from: Address::Inet(SocketAddr::new(ip, local.port())),
            to: Address::Inet(to),
            bytes: datagram.to_owned(),
        };
        let (to, from) = (id, id);
        self.events
            .add(at, Event::Arrival(Arrival { to, from, what }));
        Ok(())
    }

    fn send_unix(&mut self, id: Id, datagram: &[u8], to: Option<&Address>) -> io::Result<()> {
        let socket = self.datagrams(id)?;
        socket.check_length(datagram)?;
        let (from, peer) = (socket.local.clone(), socket.peer_id);
        let found = match to {
            Some(Address::Inet(_)) => return Err(ErrorKind::InvalidInput.into()),
            Some(path) => self.unix_datagrams_at(path, id)?,
            None => match peer {
                Some(peer) if self.datagrams(peer).is_ok() => peer,
                _ => {
                    // As on Linux: when its peer has closed, it has none any more.
                    let socket = self.datagrams(id)?;
                    (socket.peer, socket.peer_id) = (None, None);
                    return Err(ErrorKind::ConnectionRefused.into());
                }
            },
        };
        let other = self.datagrams(found)?;
        // One that has a peer takes datagrams from that peer only.
        if other.peer_id.is_some_and(|peer| peer != id) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        // Unlike UDP: when the queue is full, the sender waits, and nothing is lost.
        if other.arrived.len() > MOST_UNIX {
            other.waiting.push(id);
            return Err(ErrorKind::WouldBlock.into());
        }
        other.arrived.push_back((datagram.to_owned(), from));
        self.tell(found, Readiness::READ);
        Ok(())
    }

    pub(super) fn receive(&mut self, id: Id, buffer: &mut [u8]) -> io::Result<(usize, Address)> {
        let socket = self.datagrams(id)?;
        if let Some(error) = socket.error.take() {
            return Err(error.into());
        }
        let (bytes, from) = socket.arrived.pop_front().ok_or(ErrorKind::WouldBlock)?;
        for waiting in std::mem::take(&mut socket.waiting) {
            self.tell(waiting, Readiness::WRITE);
        }
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        Ok((count, from))
    }

    /// A datagram arrives at all who are to have it.
    pub(super) fn arrive_datagram(
        &mut self,
        sender: Id,
        from: Address,
        to: &Address,
        bytes: Vec<u8>,
    ) {
        let Address::Inet(at) = to else { return };
        let all = self.takers(*at, &from);
        if all.is_empty() && !at.ip().is_multicast() && at.ip() != IpAddr::V4(Ipv4Addr::BROADCAST) {
            // The refusal has to travel back first.
            let at = self.now + self.travel();
            let (to, from, what) = (sender, sender, Packet::Refused);
            self.events
                .add(at, Event::Arrival(Arrival { to, from, what }));
            return;
        }
        let most = self.knobs.buffer;
        for id in all {
            let Ok(socket) = self.datagrams(id) else {
                continue;
            };
            let six = matches!(socket.local, Address::Inet(at) if at.is_ipv6());
            let kept: usize = socket.arrived.iter().map(|(bytes, _)| bytes.len()).sum();
            // What does not fit is lost, but one always fits.
            if kept == 0 || kept + bytes.len() <= most {
                // A socket of IPv6 sees a sender of IPv4 by its mapped address.
                let from = as_seen_by(six, from.clone());
                socket.arrived.push_back((bytes.clone(), from));
                self.tell(id, Readiness::READ);
            }
        }
    }

    fn takers(&mut self, at: SocketAddr, from: &Address) -> Vec<Id> {
        let to_many = at.ip().is_multicast() || at.ip() == IpAddr::V4(Ipv4Addr::BROADCAST);
        if !to_many {
            let mut found = self.sockets.at(&Address::Inet(at)).to_vec();
            let peers = |id: &Id, network: &mut Network| {
                network
                    .datagrams(*id)
                    .ok()
                    .and_then(|socket| socket.peer.clone())
            };
            // One that has a peer hears no other sender.
            found.retain(|id| peers(id, self).is_none_or(|peer| peer == *from));
            // Of several that share an address, one has it: its peer's, or else the newest.
            let best = found
                .iter()
                .copied()
                .max_by_key(|id| (peers(id, self).is_some(), *id));
            return best.into_iter().collect();
        }
        let mut all = Vec::new();
        for (id, slot) in self.slots.iter() {
            if let Kind::Datagrams(socket) = &slot.kind
                && let Address::Inet(local) = socket.local
                && local.port() == at.port()
                && (local.ip().is_unspecified() || local.ip() == at.ip())
                && (!at.ip().is_multicast() || socket.groups.contains(&at.ip()))
            {
                all.push(id);
            }
        }
        all
    }

    /// No socket was at the address of the peer. Only a socket with one peer hears of it, as on a
    /// system.
    pub(super) fn refuse_datagram(&mut self, id: Id) {
        if let Ok(socket) = self.datagrams(id)
            && socket.peer.is_some()
        {
            socket.error = Some(ErrorKind::ConnectionRefused);
            self.tell(
                id,
                Readiness {
                    error: true,
                    ..Readiness::READ.and(Readiness::WRITE)
                },
            );
        }
    }
}
