//! The sockets of a simulated world.
use super::{
    Agenda, Event, Knobs,
    end::{Connection, End},
    traffic::{Arrival, What},
};
use crate::{Address, Id, Readiness, Ready, Signal, SocketOption, Time};
use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, ErrorKind, IoSlice},
    net::SocketAddr,
};

/// Ports that are chosen for listeners, and for clients, begin here.
const LISTENERS: u16 = 40_000;
const CLIENTS: u16 = 50_000;

pub(super) enum Kind {
    Listener {
        at: Address,
        /// So many connections can wait.
        backlog: usize,
        waiting: VecDeque<Id>,
    },
    Stream(End),
    Signals {
        which: Vec<Signal>,
        came: VecDeque<Signal>,
    },
}

pub(super) struct Slot {
    generation: u32,
    pub(super) kind: Option<Kind>,
    /// Whether the program has the id. A connection that waits for `accept` belongs to nobody yet.
    pub(super) owned: bool,
    /// What the next wait will tell.
    news: Option<Readiness>,
}

pub(super) struct Network {
    pub(super) knobs: Knobs,
    pub(super) chance: u64,
    pub(super) slots: Vec<Slot>,
    free: Vec<u32>,
    /// Sockets that have news, in the order in which it came.
    news: Vec<Id>,
    listeners: BTreeMap<Address, Id>,
    next_listener: u16,
    next_client: u16,
    connects: u32,
    /// For each reset fault: how many bytes its connection has carried.
    pub(super) carried: Vec<usize>,
}

fn not_connected<T>() -> io::Result<T> {
    Err(ErrorKind::NotConnected.into())
}

impl Network {
    pub(super) fn new(knobs: Knobs, chance: u64) -> Network {
        Network {
            carried: vec![0; knobs.faults.len()],
            knobs,
            chance,
            slots: Vec::new(),
            free: Vec::new(),
            news: Vec::new(),
            listeners: BTreeMap::new(),
            next_listener: LISTENERS,
            next_client: CLIENTS,
            connects: 0,
        }
    }

    fn add(&mut self, kind: Kind, owned: bool) -> Id {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: 0,
                kind: None,
                owned: false,
                news: None,
            });
            (self.slots.len() - 1) as u32
        });
        let slot = &mut self.slots[index as usize];
        slot.generation += 1;
        (slot.kind, slot.owned, slot.news) = (Some(kind), owned, None);
        Id {
            index,
            generation: slot.generation,
        }
    }

    pub(super) fn add_end(&mut self, end: End) -> Id {
        self.add(Kind::Stream(end), false)
    }

    fn slot(&mut self, id: Id) -> Option<&mut Slot> {
        let slot = self.slots.get_mut(id.index as usize)?;
        (slot.generation == id.generation && slot.kind.is_some()).then_some(slot)
    }

    fn kind(&mut self, id: Id) -> Option<&mut Kind> {
        self.slot(id)?.kind.as_mut()
    }

    pub(super) fn end_mut(&mut self, id: Id) -> io::Result<&mut End> {
        match self.kind(id) {
            Some(Kind::Stream(end)) => Ok(end),
            _ => not_connected(),
        }
    }

    /// The next wait tells this, together with what else happens to that socket in the same instant.
    pub(super) fn tell(&mut self, id: Id, what: Readiness) {
        let Some(slot) = self.slot(id) else { return };
        let before = slot.news.replace(slot.news.unwrap_or_default().and(what));
        if before.is_none() && slot.owned {
            self.news.push(id);
        }
    }

    pub(super) fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    pub(super) fn tell_news(&mut self, ready: &mut Vec<Ready>) {
        for id in std::mem::take(&mut self.news) {
            if let Some(what) = self.slot(id).and_then(|slot| slot.news.take()) {
                ready.push(Ready { id, what });
            }
        }
    }

    pub(super) fn listen(&mut self, at: &Address, backlog: u32) -> io::Result<Id> {
        self.check_descriptors()?;
        let mut at = at.clone();
        if let Address::Inet(at) = &mut at
            && at.port() == 0
        {
            at.set_port(self.free_port(*at)?);
        }
        if self.listener_at(&at).is_some() {
            return Err(ErrorKind::AddrInUse.into());
        }
        let id = self.add(
            Kind::Listener {
                at: at.clone(),
                backlog: backlog as usize,
                waiting: VecDeque::new(),
            },
            true,
        );
        self.listeners.insert(at, id);
        Ok(id)
    }

    /// The next port of that address at which nobody listens.
    fn free_port(&mut self, mut at: SocketAddr) -> io::Result<u16> {
        for _ in LISTENERS..=u16::MAX {
            at.set_port(self.next_listener);
            self.next_listener = self.next_listener.checked_add(1).unwrap_or(LISTENERS);
            if self.listener_at(&Address::Inet(at)).is_none() {
                return Ok(at.port());
            }
        }
        Err(ErrorKind::AddrInUse.into())
    }

    /// Who listens at that address: at exactly that, or at its port on all addresses.
    pub(super) fn listener_at(&self, address: &Address) -> Option<Id> {
        let everywhere = match address {
            Address::Inet(SocketAddr::V4(at)) => Some(([0, 0, 0, 0], at.port()).into()),
            Address::Inet(SocketAddr::V6(at)) => Some(([0_u16; 8], at.port()).into()),
            Address::Unix(_) => None,
        };
        let everywhere = everywhere.map(Address::Inet);
        self.listeners
            .get(address)
            .or_else(|| self.listeners.get(&everywhere?))
            .copied()
    }

    pub(super) fn waiting(&mut self, listener: Id) -> usize {
        match self.kind(listener) {
            Some(Kind::Listener { waiting, .. }) => waiting.len(),
            _ => 0,
        }
    }

    /// Whether one more connection would have no place to wait. Linux takes one more than it is told, and so do we.
    pub(super) fn is_full(&mut self, listener: Id) -> bool {
        match self.kind(listener) {
            Some(Kind::Listener {
                waiting, backlog, ..
            }) => waiting.len() > *backlog,
            _ => true,
        }
    }

    pub(super) fn queue_for_accept(&mut self, listener: Id, server: Id) {
        if let Some(Kind::Listener { waiting, .. }) = self.kind(listener) {
            waiting.push_back(server);
        }
        self.tell(listener, Readiness::READ);
    }

    pub(super) fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)> {
        if self.waiting(listener) > 0 {
            self.check_descriptors()?;
        }
        let Some(Kind::Listener { waiting, .. }) = self.kind(listener) else {
            return not_connected();
        };
        let id = waiting.pop_front().ok_or(ErrorKind::WouldBlock)?;
        let end = self.end_mut(id)?;
        let (peer, readiness) = (end.peer_address.clone(), end.readiness());
        if let Some(slot) = self.slot(id) {
            slot.owned = true;
            slot.news = None;
        }
        self.tell(id, readiness);
        Ok((id, peer))
    }

    pub(super) fn connect(
        &mut self,
        to: &Address,
        now: Time,
        agenda: &mut Agenda,
    ) -> io::Result<Id> {
        self.check_descriptors()?;
        self.connects += 1;
        let local = match to {
            Address::Inet(to) => {
                self.next_client = self.next_client.checked_add(1).unwrap_or(CLIENTS);
                Address::Inet(SocketAddr::new(to.ip(), self.next_client))
            }
            Address::Unix(_) => Address::Unix(Default::default()),
        };
        let end = End::new(Connection::Coming, self.connects, local, to.clone());
        let id = self.add(Kind::Stream(end), true);
        self.send(id, id, What::Connect(to.clone(), 0), now, agenda);
        Ok(id)
    }

    pub(super) fn read(
        &mut self,
        id: Id,
        buffer: &mut [u8],
        now: Time,
        agenda: &mut Agenda,
    ) -> io::Result<usize> {
        let end = self.end_mut(id)?;
        let count = end.take(buffer)?;
        let peer = end.peer;
        if count > 0
            && let Some(peer) = peer
            && let Ok(end) = self.end_mut(peer)
        {
            end.unread_by_peer = end.unread_by_peer.saturating_sub(count);
            if std::mem::take(&mut end.wants_room) {
                let room = Arrival {
                    to: peer,
                    from: id,
                    what: What::Room,
                };
                let at = self.after_partition(now + self.knobs.latency);
                agenda.add(at, Event::Arrival(room));
            }
        }
        Ok(count)
    }

    pub(super) fn write(
        &mut self,
        id: Id,
        buffers: &[IoSlice<'_>],
        now: Time,
        agenda: &mut Agenda,
    ) -> io::Result<usize> {
        let most = self.knobs.buffer;
        let end = self.end_mut(id)?;
        end.check_writable()?;
        let room = most.saturating_sub(end.unread_by_peer);
        let given: usize = buffers.iter().map(|part| part.len()).sum();
        let bytes = buffers.iter().flat_map(|part| part.iter().copied());
        let bytes: Vec<u8> = bytes.take(room).collect();
        if given > room {
            end.wants_room = true;
            if bytes.is_empty() {
                return Err(ErrorKind::WouldBlock.into());
            }
        }
        let count = bytes.len();
        end.unread_by_peer += count;
        if let Some(peer) = end.peer {
            self.send_data(id, peer, bytes, now, agenda);
        }
        Ok(count)
    }

    pub(super) fn shutdown(&mut self, id: Id, now: Time, agenda: &mut Agenda) -> io::Result<()> {
        let end = self.end_mut(id)?;
        let (Connection::There, false) = (end.connection, end.was_lost) else {
            return not_connected();
        };
        if !std::mem::replace(&mut end.shut, true)
            && let Some(peer) = end.peer
        {
            self.send(id, peer, What::End, now, agenda);
        }
        Ok(())
    }

    pub(super) fn close(&mut self, id: Id, reset: bool, now: Time, agenda: &mut Agenda) {
        match self.kind(id) {
            None => return,
            Some(Kind::Signals { .. }) => {}
            Some(Kind::Listener { at, waiting, .. }) => {
                let (at, waiting) = (at.clone(), std::mem::take(waiting));
                self.listeners.remove(&at);
                for server in waiting {
                    self.close(server, true, now, agenda);
                }
            }
            Some(Kind::Stream(end)) => {
                // Like TCP, closing without having read all is a reset (RFC 1122, 4.2.2.13).
                let reset = reset || !end.arrived.is_empty();
                let (peer, told) = (end.peer, end.shut || end.was_lost);
                if let Some(peer) = peer {
                    if reset {
                        self.send(id, peer, What::Reset, now, agenda);
                    } else if !told {
                        self.send(id, peer, What::End, now, agenda);
                    }
                }
            }
        }
        if let Some(slot) = self.slot(id) {
            slot.kind = None;
            self.free.push(id.index);
        }
    }

    pub(super) fn local_address(&self, id: Id) -> io::Result<Address> {
        let slot = self.slots.get(id.index as usize);
        match slot
            .filter(|slot| slot.generation == id.generation)
            .map(|slot| &slot.kind)
        {
            Some(Some(Kind::Listener { at, .. })) => Ok(at.clone()),
            Some(Some(Kind::Stream(end))) => Ok(end.local.clone()),
            _ => not_connected(),
        }
    }

    pub(super) fn peer_address(&self, id: Id) -> io::Result<Address> {
        match self.slots.get(id.index as usize) {
            Some(Slot {
                generation,
                kind: Some(Kind::Stream(end)),
                ..
            }) if *generation == id.generation => match end.connection {
                Connection::There => Ok(end.peer_address.clone()),
                Connection::Coming | Connection::Failed(_) => not_connected(),
            },
            _ => not_connected(),
        }
    }

    /// The options of a socket say nothing here: small writes are sent at once, and nobody is silent by accident.
    pub(super) fn set(&mut self, id: Id, option: SocketOption) -> io::Result<()> {
        use SocketOption::*;
        let is_tcp = matches!(self.local_address(id)?, Address::Inet(_));
        match option {
            SendBuffer(_) | ReceiveBuffer(_) => Ok(()),
            NoDelay(_) | KeepAlive(_) | TimeToLive(_) if is_tcp => Ok(()),
            _ => Err(crate::capabilities::unsuitable()),
        }
    }

    pub(super) fn signals(&mut self, which: &[Signal]) -> io::Result<Id> {
        Ok(self.add(
            Kind::Signals {
                which: which.to_owned(),
                came: VecDeque::new(),
            },
            true,
        ))
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
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if let Some(Kind::Signals { which, came }) = &mut slot.kind
                && which.contains(&signal)
            {
                came.push_back(signal);
                told.push(Id {
                    index: index as u32,
                    generation: slot.generation,
                });
            }
        }
        for id in told {
            self.tell(id, Readiness::READ);
        }
    }
}
