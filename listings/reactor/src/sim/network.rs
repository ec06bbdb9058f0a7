//! The sockets of a simulated world: which there are, what news they have, and how they are closed.
use super::{
    addresses::AddressTable,
    datagrams::Datagrams,
    event_queue::{Event, EventQueue},
    knobs::Knobs,
    stream_socket::{Connection, StreamSocket},
    traffic::Packet,
};
use crate::{
    Address, Id, Readiness, Ready, Signal, SlotMap, SocketOption, StandardStream, Time,
    world::PAUSE,
};
use std::{
    collections::{BTreeSet, VecDeque},
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
};

/// Ports that are chosen for listeners, and for clients, begin here; clients go on below when they
/// are used up.
const LISTENERS: u16 = 40_000;
const CLIENTS: u16 = 50_000;
const MORE_CLIENTS: u16 = 10_000;

pub(super) enum Kind {
    Listener {
        at: Address,
        /// So many connections can wait.
        backlog: usize,
        waiting: VecDeque<Id>,
        /// It will be told again of those who wait.
        again: bool,
    },
    Stream(StreamSocket),
    Datagrams(Datagrams),
    Signals {
        which: Vec<Signal>,
        came: VecDeque<Signal>,
    },
    Standard(StandardStream),
}

pub(super) struct Slot {
    pub(super) kind: Kind,
    /// Whether the program has the id. One that waits for `accept` does not have it yet.
    pub(super) owned: bool,
    /// What the next wait will tell.
    pub(super) news: Option<Readiness>,
}

pub(super) struct Network {
    pub(super) knobs: Knobs,
    pub(super) now: Time,
    pub(super) events: EventQueue,
    pub(super) random: u64,
    pub(super) slots: SlotMap<Slot>,
    /// Sockets that have news, in the order in which it came.
    news: Vec<Id>,
    pub(super) listeners: AddressTable,
    pub(super) sockets: AddressTable,
    /// Where clients connect from.
    clients: BTreeSet<(IpAddr, u16)>,
    next_listener: u16,
    next_client: u16,
    pub(super) connects: u32,
    /// For each reset fault: how many bytes its connection has carried.
    pub(super) carried: Vec<usize>,
    /// When the last of those who found no place asks again.
    pub(super) last_request: Time,
    /// What came on standard input and was not read yet, and whether it has ended.
    pub(super) input: VecDeque<u8>,
    pub(super) input_ended: bool,
}

pub(super) fn not_connected<T>() -> io::Result<T> {
    Err(ErrorKind::NotConnected.into())
}

impl Network {
    pub(super) fn new(knobs: Knobs, random: u64) -> Network {
        Network {
            carried: vec![0; knobs.faults.len()],
            knobs,
            now: Time::ZERO,
            events: EventQueue::default(),
            random,
            slots: SlotMap::default(),
            news: Vec::new(),
            listeners: AddressTable::default(),
            sockets: AddressTable::default(),
            clients: BTreeSet::new(),
            next_listener: LISTENERS,
            next_client: CLIENTS,
            connects: 0,
            last_request: Time::ZERO,
            input: VecDeque::new(),
            input_ended: true,
        }
    }

    pub(super) fn add(&mut self, kind: Kind, owned: bool) -> Id {
        let news = None;
        self.slots.insert(Slot { kind, owned, news })
    }

    pub(super) fn slot(&mut self, id: Id) -> Option<&mut Slot> {
        self.slots.get_mut(id)
    }

    pub(super) fn kind(&mut self, id: Id) -> Option<&mut Kind> {
        Some(&mut self.slot(id)?.kind)
    }

    pub(super) fn look(&self, id: Id) -> Option<&Kind> {
        Some(&self.slots.get(id)?.kind)
    }

    pub(super) fn stream_mut(&mut self, id: Id) -> io::Result<&mut StreamSocket> {
        match self.kind(id) {
            Some(Kind::Stream(stream)) => Ok(stream),
            _ => not_connected(),
        }
    }

    /// The next wait tells this, together with what else happens to that socket in the same
    /// instant.
    pub(super) fn tell(&mut self, id: Id, what: Readiness) {
        let Some(slot) = self.slot(id).filter(|_| what != Readiness::default()) else {
            return;
        };
        let before = slot.news.replace(slot.news.unwrap_or_default().and(what));
        if before.is_none() && slot.owned {
            self.news.push(id);
        }
    }

    /// Tells a listener after a while that connections wait.
    pub(super) fn tell_again(&mut self, listener: Id) {
        let at = self.now + PAUSE;
        if let Some(Kind::Listener { again, .. }) = self.kind(listener)
            && !std::mem::replace(again, true)
        {
            self.events.add(at, Event::Again(listener));
        }
    }

    pub(super) fn arrive_again(&mut self, listener: Id) {
        if let Some(Kind::Listener { again, .. }) = self.kind(listener) {
            *again = false;
            self.tell(listener, Readiness::READ);
        }
    }

    pub(super) fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    pub(super) fn tell_news(&mut self, ready: &mut Vec<Ready>) {
        for id in std::mem::take(&mut self.news) {
            let Some(slot) = self.slot(id) else { continue };
            let Some(news) = slot.news.take() else {
                continue;
            };
            // As a system does: what was used up since is no news.
            let what = news.but_only(self.readiness(id));
            if what != Readiness::default() {
                ready.push(Ready { id, what });
            }
        }
    }

    /// Returns what a socket is ready for right now.
    fn readiness(&self, id: Id) -> Readiness {
        let read = |read| Readiness {
            read,
            ..Readiness::default()
        };
        match self.look(id) {
            None => Readiness::default(),
            Some(Kind::Stream(stream)) => stream.readiness(),
            Some(Kind::Listener { waiting, .. }) => read(!waiting.is_empty()),
            Some(Kind::Signals { came, .. }) => read(!came.is_empty()),
            Some(Kind::Datagrams(socket)) => socket.readiness(),
            Some(Kind::Standard(StandardStream::Input)) => self.input_readiness(),
            Some(Kind::Standard(_)) => Readiness::WRITE,
        }
    }

    /// Returns the next free port of that address.
    pub(super) fn free_port(
        &mut self,
        mut at: SocketAddr,
        table: fn(&Network) -> &AddressTable,
    ) -> io::Result<u16> {
        for _ in LISTENERS..=u16::MAX {
            at.set_port(self.next_listener);
            self.next_listener = self.next_listener.checked_add(1).unwrap_or(LISTENERS);
            let is_client = self.clients.contains(&(at.ip(), at.port()));
            if !is_client && !table(self).is_taken(&Address::Inet(at)) {
                return Ok(at.port());
            }
        }
        Err(ErrorKind::AddrInUse.into())
    }

    /// Returns the address of a new client: no other has it.
    pub(super) fn client_address(&mut self, ip: IpAddr) -> io::Result<SocketAddr> {
        for _ in MORE_CLIENTS..=u16::MAX {
            self.next_client = match self.next_client {
                u16::MAX => MORE_CLIENTS,
                port => port + 1,
            };
            let at = SocketAddr::new(ip, self.next_client);
            if !self.listeners.is_taken(&Address::Inet(at))
                && self.clients.insert((ip, self.next_client))
            {
                return Ok(at);
            }
        }
        Err(ErrorKind::AddrNotAvailable.into())
    }

    pub(super) fn close(&mut self, id: Id, reset: bool) {
        match self.kind(id) {
            None => return,
            Some(Kind::Signals { .. } | Kind::Standard(_)) => {}
            Some(Kind::Datagrams(socket)) => {
                let at = socket.local.clone();
                self.sockets.remove(&at, id);
            }
            Some(Kind::Listener { at, waiting, .. }) => {
                let (at, waiting) = (at.clone(), std::mem::take(waiting));
                self.listeners.remove(&at, id);
                for server in waiting {
                    self.close_stream(server, true);
                    self.slots.remove(server);
                }
            }
            Some(Kind::Stream(_)) => self.close_stream(id, reset),
        }
        self.slots.remove(id);
    }

    /// What the peer hears when an end is closed.
    fn close_stream(&mut self, id: Id, reset: bool) {
        let Ok(stream) = self.stream_mut(id) else {
            return;
        };
        // Like TCP, closing without having read all is a reset (RFC 1122, 4.2.2.13).
        let unread = !stream.arrived.is_empty();
        let (peer, silent) = (stream.peer, stream.was_lost || stream.is_over());
        let (unix, shut) = (stream.is_unix(), stream.shut);
        let local = stream.local.clone();
        if let Address::Inet(local) = local {
            self.clients.remove(&(local.ip(), local.port()));
        }
        let Some(peer) = peer else { return };
        if unix {
            // One that was never accepted is reset by its listener; a reset by hand there is not.
            let never_accepted = self.slot(id).is_some_and(|slot| !slot.owned);
            if let Ok(stream) = self.stream_mut(peer) {
                stream.peer_is_gone(unread || never_accepted);
                let what = stream.readiness();
                self.tell(peer, what);
            }
        } else if !silent && (reset || unread) {
            self.send(id, peer, Packet::Reset);
        } else if !silent && !shut {
            self.send(id, peer, Packet::Fin);
        }
    }

    pub(super) fn local_address(&self, id: Id) -> io::Result<Address> {
        match self.look(id) {
            Some(Kind::Listener { at, .. }) => Ok(at.clone()),
            Some(Kind::Stream(stream)) => Ok(stream.local.clone()),
            Some(Kind::Datagrams(socket)) => Ok(socket.local.clone()),
            _ => not_connected(),
        }
    }

    pub(super) fn peer_address(&self, id: Id) -> io::Result<Address> {
        match self.look(id) {
            Some(Kind::Stream(stream)) => match stream.connection {
                Connection::There => Ok(stream.peer_address.clone()),
                Connection::Coming | Connection::Failed(_) => not_connected(),
            },
            Some(Kind::Datagrams(socket)) => match &socket.peer {
                Some(peer) => Ok(peer.clone()),
                None => not_connected(),
            },
            _ => not_connected(),
        }
    }

    /// Most options say nothing here: small writes are sent at once, and no peer is silent by
    /// accident.
    pub(super) fn set(&mut self, id: Id, option: SocketOption) -> io::Result<()> {
        use SocketOption::*;
        let is_unix = matches!(self.local_address(id)?, Address::Unix(_));
        let unsuitable = Err(crate::capabilities::unsuitable());
        match (self.kind(id), option) {
            (_, SendBuffer(_) | ReceiveBuffer(_)) => Ok(()),
            _ if is_unix => unsuitable,
            (_, TimeToLive(_)) => Ok(()),
            (Some(Kind::Datagrams(socket)), option) => socket.set(option),
            (_, NoDelay(_) | KeepAlive(_)) => Ok(()),
            _ => unsuitable,
        }
    }

    pub(super) fn signals(&mut self, which: &[Signal]) -> io::Result<Id> {
        if which.contains(&Signal::Kill) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let kind = Kind::Signals {
            which: which.to_owned(),
            came: VecDeque::new(),
        };
        Ok(self.add(kind, true))
    }

    pub(super) fn next_signal(&mut self, id: Id) -> io::Result<Signal> {
        match self.kind(id) {
            Some(Kind::Signals { came, .. }) => {
                came.pop_front().ok_or_else(|| ErrorKind::WouldBlock.into())
            }
            _ => not_connected(),
        }
    }

    /// A signal comes; everybody who asked for it hears of it.
    pub(super) fn signal(&mut self, signal: Signal) {
        let mut told = Vec::new();
        for (id, slot) in self.slots.iter_mut() {
            if let Kind::Signals { which, came } = &mut slot.kind
                && which.contains(&signal)
            {
                came.push_back(signal);
                told.push(id);
            }
        }
        for id in told {
            self.tell(id, Readiness::READ);
        }
    }
}
