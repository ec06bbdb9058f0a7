//! Listeners and streams of a simulated world: what each call does at once.
use super::{
    addresses::{as_seen_by, check_path},
    network::{Kind, Network, not_connected},
    stream_socket::{Connection, StreamSocket},
    traffic::{Arrival, Packet},
};
use crate::{Address, Id, Readiness, address::destination};
use std::{
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice},
    path::PathBuf,
};

impl Network {
    pub(super) fn listen(&mut self, at: &Address, backlog: u32) -> io::Result<Id> {
        self.check_descriptors()?;
        let mut at = at.clone();
        match &mut at {
            Address::Inet(at) if at.port() == 0 => {
                at.set_port(self.free_port(*at, |network| &network.listeners)?);
            }
            Address::Inet(_) => {}
            Address::Unix(path) => check_path(path)?,
        }
        if self.is_taken(&at) {
            return Err(ErrorKind::AddrInUse.into());
        }
        let kind = Kind::Listener {
            at: at.clone(),
            // A system has a limit of its own, too: `somaxconn` on Linux.
            backlog: backlog.min(self.knobs.backlog) as usize,
            waiting: VecDeque::new(),
            again: false,
        };
        let id = self.add(kind, true);
        self.listeners.add(at, id);
        Ok(id)
    }

    /// Returns whether a listener cannot have that address. A path is one file, whatever socket it
    /// belongs to.
    fn is_taken(&self, at: &Address) -> bool {
        let is_path = matches!(at, Address::Unix(_));
        self.listeners.is_taken(at) || is_path && self.sockets.is_taken(at)
    }

    pub(super) fn listener_at(&self, to: &Address) -> Option<Id> {
        self.listeners.at(to).first().copied()
    }

    /// Returns whether one more connection would have no place to wait. Linux takes one more than
    /// it is told, and so do we.
    pub(super) fn is_full(&mut self, listener: Id) -> bool {
        match self.kind(listener) {
            Some(Kind::Listener {
                waiting, backlog, ..
            }) => waiting.len() > *backlog,
            _ => true,
        }
    }

    /// Makes a connection: its other side waits for `accept`.
    pub(super) fn make(&mut self, client: Id, listener: Id, mut server: StreamSocket) -> Id {
        server.peer = Some(client);
        let server = self.add(Kind::Stream(server), false);
        if let Ok(stream) = self.stream_mut(client) {
            stream.peer = Some(server);
        }
        if let Some(Kind::Listener { waiting, .. }) = self.kind(listener) {
            waiting.push_back(server);
        }
        self.tell(listener, Readiness::READ);
        server
    }

    pub(super) fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)> {
        let Some(Kind::Listener { waiting, .. }) = self.kind(listener) else {
            return not_connected();
        };
        let id = waiting.pop_front().ok_or(ErrorKind::WouldBlock)?;
        if let Err(error) = self.check_descriptors() {
            // As on a system: one is turned away, and there will be another try.
            if let Some(slot) = self.slot(id) {
                slot.owned = true;
            }
            self.close(id, false);
            self.tell_again(listener);
            return Err(error);
        }
        let stream = self.stream_mut(id)?;
        let (peer, readiness) = (stream.peer_address.clone(), stream.readiness());
        if let Some(slot) = self.slot(id) {
            slot.owned = true;
            // What happened while it waited here is told below, all at once.
            slot.news = None;
        }
        self.tell(id, readiness);
        Ok((id, peer))
    }

    pub(super) fn connect(&mut self, to: &Address) -> io::Result<Id> {
        self.check_descriptors()?;
        self.connects += 1;
        match to {
            Address::Inet(to) => {
                let to = destination(*to);
                let local = Address::Inet(self.client_address(to.ip())?);
                let to = Address::Inet(to);
                let stream =
                    StreamSocket::new(Connection::Coming, self.connects, local, to.clone());
                let id = self.add(Kind::Stream(stream), true);
                self.send(id, id, Packet::Connect(to, 0));
                Ok(id)
            }
            Address::Unix(path) => {
                check_path(path)?;
                self.connect_unix(to)
            }
        }
    }

    /// Both ends are in this host: the connection is made, or not, before the call returns.
    fn connect_unix(&mut self, to: &Address) -> io::Result<Id> {
        let number = self.connects;
        let Some(listener) = self.listener_at(to) else {
            let other = self.sockets.is_taken(to);
            return Err(match other {
                true => ErrorKind::ConnectionRefused.into(),
                false => ErrorKind::NotFound.into(),
            });
        };
        if self.is_full(listener) || self.is_refused(number) {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        let nameless = Address::Unix(PathBuf::new());
        let stream = StreamSocket::new(Connection::There, number, nameless.clone(), to.clone());
        let client = self.add(Kind::Stream(stream), true);
        let server = StreamSocket::new(Connection::There, number, to.clone(), nameless);
        self.make(client, listener, server);
        self.tell(client, Readiness::WRITE);
        Ok(client)
    }

    /// A request to connect arrives: at a listener, or at an address that has none.
    pub(super) fn arrive_request(&mut self, client: Id, to: Address, before: u32) {
        let Ok(stream) = self.stream_mut(client) else {
            return;
        };
        let (number, client_address) = (stream.number, stream.local.clone());
        let listener = self.listener_at(&to);
        let Some(listener) = listener.filter(|_| !self.is_refused(number)) else {
            return self.send(client, client, Packet::Failed(ErrorKind::ConnectionRefused));
        };
        if self.is_full(listener) {
            return self.ask_again(client, to, before);
        }
        let six = matches!(self.local_address(listener), Ok(Address::Inet(at)) if at.is_ipv6());
        let (local, peer) = (as_seen_by(six, to), as_seen_by(six, client_address));
        let server = StreamSocket::new(Connection::There, number, local, peer);
        let server = self.make(client, listener, server);
        self.send(server, client, Packet::Connected);
    }

    pub(super) fn read(&mut self, id: Id, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(Kind::Standard(_)) = self.kind(id) {
            return self.read_standard(id, buffer);
        }
        let stream = self.stream_mut(id)?;
        let count = stream.take(buffer)?;
        let (peer, unix) = (stream.peer, stream.is_unix());
        if count > 0
            && let Some(peer) = peer
            && let Ok(stream) = self.stream_mut(peer)
        {
            stream.unread_by_peer = stream.unread_by_peer.saturating_sub(count);
            // Told once per refusal, at the edge: writability that was not missed is no news.
            if std::mem::take(&mut stream.wants_room) {
                if unix {
                    self.tell(peer, Readiness::WRITE);
                } else {
                    self.tell_of_room(id, peer);
                }
            }
        }
        Ok(count)
    }

    pub(super) fn write(&mut self, id: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        if let Some(Kind::Standard(_)) = self.kind(id) {
            return self.write_standard(id, buffers);
        }
        let most = self.knobs.buffer;
        let stream = self.stream_mut(id)?;
        stream.check_writable()?;
        let room = most.saturating_sub(stream.unread_by_peer);
        let given: usize = buffers.iter().map(|part| part.len()).sum();
        let bytes = buffers.iter().flat_map(|part| part.iter().copied());
        let bytes: Vec<u8> = bytes.take(room).collect();
        if given > room {
            // Also after a short write: it means "full", and the rest is waited for.
            stream.wants_room = true;
            if bytes.is_empty() {
                return Err(ErrorKind::WouldBlock.into());
            }
        }
        let count = bytes.len();
        // Counted from now until the peer reads: what is on its way fills the buffer, too.
        stream.unread_by_peer += count;
        if let Some(peer) = stream.peer {
            self.send_data(id, peer, bytes);
        }
        Ok(count)
    }

    pub(super) fn shutdown(&mut self, id: Id) -> io::Result<()> {
        let stream = self.stream_mut(id)?;
        stream.check_shutdown()?;
        if !std::mem::replace(&mut stream.shut, true)
            && let Some(peer) = stream.peer
        {
            // No network lies between the ends of a Unix socket: the end has arrived at once.
            if stream.is_unix() {
                let from_peer = stream.ended;
                self.arrive(Arrival {
                    to: peer,
                    from: id,
                    what: Packet::Fin,
                });
                if from_peer && let Ok(stream) = self.stream_mut(id) {
                    let what = stream.readiness();
                    self.tell(id, what);
                }
            } else {
                self.send(id, peer, Packet::Fin);
            }
        }
        Ok(())
    }
}
