//! What the recording says of datagrams: where each went, where it came from, and which one was
//! refused.
//!
//! Nothing here runs unless the thread is being recorded.
use super::{is, text};
use crate::{Address, Handle, Id};
use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, ErrorKind},
    panic::Location,
};
use trace::{Kind, Prefix};

/// How many datagrams are remembered until they arrive. The oldest are forgotten: some never
/// arrive.
const MOST: usize = 1_000;

/// The datagrams on their way, as far as both ends are in this program; and who has one peer.
#[derive(Default)]
pub(crate) struct DatagramHistory {
    /// The ports that are open, and their peers.
    ports: BTreeMap<Id, Option<Address>>,
    sent: VecDeque<SentDatagram>,
}

struct SentDatagram {
    by: Id,
    from: Address,
    to: Address,
    bytes: Vec<u8>,
    /// The event that sent it.
    event: u64,
}

impl DatagramHistory {
    fn send(&mut self, datagram: SentDatagram) {
        if self.sent.len() == MOST {
            self.sent.pop_front();
        }
        self.sent.push_back(datagram);
    }

    /// Returns the event that sent what has come; 0 when no socket here did. Datagrams overtake
    /// each other, so it is found by what is in it. It stays, since a datagram may come to several.
    fn arrived(&self, from: &Address, bytes: &[u8]) -> u64 {
        let mut sent = self.sent.iter().rev();
        sent.find(|datagram| datagram.from == *from && datagram.bytes == bytes)
            .map_or(0, |datagram| datagram.event)
    }

    /// Returns the last one that this port sent to its peer, and the peer.
    fn refused(&self, by: Id) -> Option<(u64, &Address)> {
        let to = self.ports.get(&by)?.as_ref()?;
        let mut sent = self.sent.iter().rev();
        let datagram = sent.find(|datagram| datagram.by == by && datagram.to == *to);
        Some((datagram.map_or(0, |datagram| datagram.event), to))
    }

    /// Returns whether it was open.
    pub(crate) fn closed(&mut self, id: Id) -> bool {
        self.ports.remove(&id).is_some()
    }
}

impl Handle {
    pub(crate) fn record_bind(&self, id: Id, at: &Address, site: &'static Location<'static>) {
        let object = self.name(id, Prefix::Port);
        let here = self.local_address(id).unwrap_or_else(|_| at.clone());
        self.core
            .causes
            .borrow_mut()
            .datagrams
            .ports
            .insert(id, None);
        trace::event(Kind::ConnOpen)
            .of(object)
            .at(site)
            .attr("at", || here.to_string())
            .record();
    }

    pub(crate) fn record_peer(&self, id: Id, peer: &Address) {
        let mut causes = self.core.causes.borrow_mut();
        causes.datagrams.ports.insert(id, Some(peer.clone()));
    }

    pub(crate) fn record_send(
        &self,
        id: Id,
        result: &io::Result<()>,
        datagram: &[u8],
        to: Option<&Address>,
        site: &'static Location<'static>,
    ) {
        if let Err(error) = result {
            return self.record_refused(id, error, site);
        }
        let peer = || self.core.causes.borrow().datagrams.ports.get(&id)?.clone();
        let to = to.cloned().or_else(peer);
        let event = trace::event(Kind::DataOut).of(self.object(id)).at(site);
        let event = text(event, datagram);
        let event = match &to {
            Some(to) => event.attr("to", || to.to_string()).record(),
            None => event.record(),
        };
        // Kept, so that the arrival can name this event as its cause.
        if let (Some(to), Ok(from)) = (to, self.local_address(id)) {
            self.core.causes.borrow_mut().datagrams.send(SentDatagram {
                by: id,
                from,
                to,
                bytes: datagram.to_owned(),
                event,
            });
        }
    }

    pub(crate) fn record_receive(
        &self,
        id: Id,
        result: &io::Result<(usize, Address)>,
        buffer: &[u8],
        site: &'static Location<'static>,
    ) {
        match result {
            Ok((count, from)) => {
                let bytes = &buffer[..*count];
                let cause = self.core.causes.borrow().datagrams.arrived(from, bytes);
                let event = trace::event(Kind::DataIn).of(self.object(id)).at(site);
                let event = text(event.cause(cause), bytes);
                event.attr("from", || from.to_string()).record();
            }
            Err(error) => self.record_refused(id, error, site),
        }
    }

    /// The error is about a datagram that was sent earlier, whatever call it comes back from. The
    /// port lives on.
    fn record_refused(&self, id: Id, error: &io::Error, site: &'static Location<'static>) {
        let object = self.object(id);
        if error.kind() != ErrorKind::ConnectionRefused || !is(object, Prefix::Port) {
            return;
        }
        let causes = self.core.causes.borrow();
        let found = causes.datagrams.refused(id);
        let (cause, to) = found.map_or((0, None), |(event, to)| (event, Some(to.to_string())));
        drop(causes);
        let event = trace::event(Kind::DataLost)
            .of(object)
            .at(site)
            .cause(cause)
            .attr("error", || true)
            .attr("why", || error.kind().to_string());
        match to {
            Some(to) => event.attr("to", || to),
            None => event,
        }
        .record();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(by: u32, to: u16, bytes: &[u8], event: u64) -> SentDatagram {
        SentDatagram {
            by: id(by),
            from: Address::loopback(1),
            to: Address::loopback(to),
            bytes: bytes.to_owned(),
            event,
        }
    }

    fn id(index: u32) -> Id {
        Id {
            index,
            generation: 1,
        }
    }

    #[test]
    fn datagrams_that_overtake_each_other_are_known_by_what_is_in_them() {
        let mut datagrams = DatagramHistory::default();
        datagrams.send(datagram(1, 2, b"first", 10));
        datagrams.send(datagram(1, 2, b"second", 11));
        let from = Address::loopback(1);
        assert_eq!(datagrams.arrived(&from, b"second"), 11);
        assert_eq!(datagrams.arrived(&from, b"first"), 10);
        assert_eq!(datagrams.arrived(&from, b"third"), 0, "nobody here sent it");
        assert_eq!(datagrams.arrived(&Address::loopback(2), b"first"), 0);
    }

    #[test]
    fn what_is_refused_is_the_last_one_to_the_peer() {
        let mut datagrams = DatagramHistory::default();
        assert_eq!(datagrams.refused(id(1)), None, "it has no peer");
        datagrams.ports.insert(id(1), Some(Address::loopback(2)));
        assert_eq!(datagrams.refused(id(1)), Some((0, &Address::loopback(2))));
        datagrams.send(datagram(1, 2, b"a", 10));
        datagrams.send(datagram(1, 3, b"to another one", 11));
        datagrams.send(datagram(2, 2, b"of another one", 12));
        assert_eq!(datagrams.refused(id(1)), Some((10, &Address::loopback(2))));
        assert!(datagrams.closed(id(1)));
        assert!(!datagrams.closed(id(1)), "closed once");
        assert_eq!(datagrams.refused(id(1)), None);
    }

    #[test]
    fn those_that_never_arrive_are_forgotten_in_the_end() {
        let mut datagrams = DatagramHistory::default();
        for event in 1..=MOST as u64 + 1 {
            datagrams.send(datagram(1, 2, &event.to_le_bytes(), event));
        }
        assert_eq!(datagrams.sent.len(), MOST);
        assert_eq!(
            datagrams.arrived(&Address::loopback(1), &1u64.to_le_bytes()),
            0
        );
    }
}
