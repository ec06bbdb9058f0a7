//! What the recording says of sockets: their names, and which bytes caused which.
//!
//! Nothing here runs unless the thread is being recorded.
use crate::{Address, Handle, Id, Readiness};
use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, ErrorKind},
    panic::Location,
};
use trace::{Event, Kind, Object, Prefix, Span};

/// Bytes that a recording shows as text, at most.
const SHORT: usize = 60;

/// Which connection is the other side of which, as far as both are in this program.
#[derive(Default)]
pub(crate) struct Wires {
    ends: BTreeMap<Id, Wire>,
    /// Who connects from which address, until somebody accepts.
    connecting: BTreeMap<Address, Id>,
}

/// One side of a connection.
#[derive(Default)]
struct Wire {
    peer: Option<Id>,
    sent: u64,
    read: u64,
    /// Up to which byte it had sent, and the event that said so; without what the peer has read.
    writes: VecDeque<(u64, u64)>,
    /// The event that ended what it sends.
    end: u64,
    /// Whether its loss has been recorded.
    lost: bool,
}

impl Wires {
    fn pair(&mut self, server: Id, client: Id) {
        self.ends.entry(server).or_default().peer = Some(client);
        self.ends.entry(client).or_default().peer = Some(server);
    }

    fn wrote(&mut self, id: Id, count: u64, event: u64) {
        let wire = self.ends.entry(id).or_default();
        wire.sent += count;
        wire.writes.push_back((wire.sent, event));
    }

    /// The events that sent the next `count` bytes; or the one that ended them.
    fn causes(&mut self, id: Id, count: u64) -> Vec<u64> {
        let wire = self.ends.entry(id).or_default();
        wire.read += count;
        let (read, peer) = (wire.read, wire.peer);
        let Some(wire) = peer.and_then(|peer| self.ends.get_mut(&peer)) else {
            return Vec::new();
        };
        if count == 0 {
            return vec![wire.end];
        }
        let mut causes = Vec::new();
        while let Some(&(until, event)) = wire.writes.front() {
            causes.push(event);
            if until > read {
                break;
            }
            wire.writes.pop_front();
            if until == read {
                break;
            }
        }
        causes
    }

    /// Why a socket became ready: what it has not read yet, or the end of that. 0 when that is not why.
    fn unread(&self, id: Id) -> u64 {
        let peer = self.ends.get(&id).and_then(|wire| wire.peer);
        let Some(wire) = peer.and_then(|peer| self.ends.get(&peer)) else {
            return 0;
        };
        wire.writes.front().map_or(wire.end, |(_, event)| *event)
    }

    fn ended(&mut self, id: Id, event: u64) {
        self.ends.entry(id).or_default().end = event;
    }

    fn peer_end(&self, id: Id) -> u64 {
        let peer = self.ends.get(&id).and_then(|wire| wire.peer);
        peer.and_then(|peer| self.ends.get(&peer))
            .map_or(0, |wire| wire.end)
    }
}

impl Handle {
    pub(crate) fn record_listen(&self, id: Id, at: &Address, site: &'static Location<'static>) {
        let object = self.name(id, Prefix::Listener);
        let here = self.local_address(id).unwrap_or_else(|_| at.clone());
        trace::event(Kind::ConnOpen)
            .of(object)
            .at(site)
            .attr("at", || here.to_string())
            .record();
    }

    pub(crate) fn record_accept(&self, listener: Id, id: Id, peer: &Address) {
        let mut wires = self.core.wires.borrow_mut();
        let client = wires.connecting.remove(peer);
        if let Some(client) = client {
            wires.pair(id, client);
        }
        drop(wires);
        let client = client.map_or(Object::NONE, |client| self.object(client));
        let object = self.name(id, Prefix::Connection);
        trace::event(Kind::ConnMade)
            .of(object)
            .because_of(self.object(listener))
            .because_of(client)
            .attr("peer", || peer.to_string())
            .record();
    }

    pub(crate) fn record_connect(&self, id: Id, to: &Address, site: &'static Location<'static>) {
        let object = self.name(id, Prefix::Connection);
        if let Ok(local @ Address::Inet(_)) = self.local_address(id) {
            self.core.wires.borrow_mut().connecting.insert(local, id);
        }
        trace::event(Kind::ConnOpen)
            .of(object)
            .at(site)
            .attr("to", || to.to_string())
            .record();
    }

    /// The event that a socket is ready; what its source does happens inside.
    pub(crate) fn record_ready(&self, id: Id, object: Object, what: Readiness) -> Span {
        let event = trace::event(Kind::IoReady)
            .of(object)
            .attr("what", || what.to_string());
        let unread = self.core.wires.borrow().unread(id);
        match unread {
            0 => event.because_of(object).enter(),
            cause => event.cause(cause).enter(),
        }
    }

    pub(crate) fn record_finish(&self, id: Id, result: &io::Result<()>) {
        let object = self.object(id);
        match result {
            Ok(()) => {
                let event = trace::event(Kind::ConnMade).of(object).because_of(object);
                // The address by which the other side knows this connection: a diagram pairs the two by it.
                match self.local_address(id) {
                    Ok(here) => event.attr("local", || here.to_string()),
                    Err(_) => event,
                }
                .record();
            }
            Err(error) => self.record_error(id, error),
        }
    }

    pub(crate) fn record_read(&self, id: Id, result: &io::Result<usize>, buffer: &[u8]) {
        match result {
            Ok(count) => {
                let object = self.object(id);
                let causes = self.core.wires.borrow_mut().causes(id, *count as u64);
                let mut event = trace::event(Kind::DataIn).of(object);
                for cause in causes {
                    event = event.cause(cause);
                }
                text(event, &buffer[..*count]).record();
            }
            Err(error) => self.record_error(id, error),
        }
    }

    pub(crate) fn record_write(
        &self,
        id: Id,
        result: &io::Result<usize>,
        buffers: &[io::IoSlice<'_>],
    ) {
        match result {
            Ok(count) => {
                let sent = buffers.iter().flat_map(|buffer| buffer.iter().copied());
                let sent: Vec<u8> = sent.take(*count).collect();
                let event = text(trace::event(Kind::DataOut).of(self.object(id)), &sent).record();
                self.core
                    .wires
                    .borrow_mut()
                    .wrote(id, sent.len() as u64, event);
            }
            Err(error) => self.record_error(id, error),
        }
    }

    pub(crate) fn record_shutdown(&self, id: Id) {
        let event = trace::event(Kind::DataOut)
            .of(self.object(id))
            .attr("bytes", || 0)
            .attr("end", || true)
            .record();
        self.core.wires.borrow_mut().ended(id, event);
    }

    /// A call that failed for good is the end of the connection, whoever closes it afterwards.
    fn record_error(&self, id: Id, error: &io::Error) {
        if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) {
            self.record_loss(id, &error.kind().to_string());
        }
    }

    /// The connection is gone. It is said once: an error that was read, or else the close.
    pub(crate) fn record_loss(&self, id: Id, why: &str) {
        let object = self.object(id);
        if !object.to_string().starts_with(Prefix::Connection.letter()) {
            return;
        }
        let (before, cause) = {
            let mut wires = self.core.wires.borrow_mut();
            let cause = wires.peer_end(id);
            let wire = wires.ends.entry(id).or_default();
            (std::mem::replace(&mut wire.lost, true), cause)
        };
        if !before {
            let event = trace::event(Kind::ConnLost).of(object).cause(cause);
            let event = event.attr("why", || why).record();
            self.core.wires.borrow_mut().ended(id, event);
        }
    }

    /// Gives a socket its name in the recording.
    fn name(&self, id: Id, prefix: Prefix) -> Object {
        let object = trace::object(prefix);
        if let Some(watched) = self.core.sources.borrow_mut().get_mut(id.index as usize) {
            watched.object = object; // it has just been opened
        }
        object
    }

    /// The name of a socket in the recording, for who records more of it.
    pub fn object(&self, id: Id) -> Object {
        match self.core.sources.borrow().get(id.index as usize) {
            Some(watched) if watched.generation == id.generation => watched.object,
            _ => Object::NONE,
        }
    }
}

/// How many bytes; and which, if they are a short text.
fn text(event: Event, bytes: &[u8]) -> Event {
    let event = event.attr("bytes", || bytes.len());
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.len() <= SHORT => event.attr("text", || text),
        _ => event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(index: u32) -> Id {
        Id {
            index,
            generation: 1,
        }
    }

    #[test]
    fn bytes_that_arrive_are_caused_by_the_writes_that_sent_them() {
        let mut wires = Wires::default();
        wires.pair(id(1), id(2));
        wires.wrote(id(1), 10, 100);
        wires.wrote(id(1), 10, 101);
        assert_eq!(wires.causes(id(2), 4), [100]);
        assert_eq!(wires.causes(id(2), 6), [100]);
        assert_eq!(wires.causes(id(2), 10), [101]);
        wires.wrote(id(1), 5, 102);
        wires.wrote(id(1), 5, 103);
        assert_eq!(wires.causes(id(2), 7), [102, 103]);
        assert_eq!(wires.unread(id(2)), 103);
        wires.ended(id(1), 104);
        assert_eq!(wires.causes(id(2), 3), [103]);
        assert_eq!(wires.unread(id(2)), 104);
        assert_eq!(wires.causes(id(2), 0), [104]);
    }
}
