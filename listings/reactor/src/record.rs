//! What the recording says of sockets: their names, and which bytes caused which.
//!
//! Nothing here runs unless the thread is being recorded.
use crate::{Address, Handle, Id, Readiness, letters::Letters};
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
    /// Those who have asked for a connection, until somebody accepts, in the order in which they did.
    connecting: Vec<Asked>,
    pub(crate) letters: Letters,
}

/// Somebody who waits for a listener.
struct Asked {
    id: Id,
    to: Address,
    /// None on a Unix socket: there a client has no address, and the first that asks is the first that is accepted.
    local: Option<Address>,
    /// The event that said so.
    event: u64,
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
    /// The event in which it read the end of what the peer sends.
    read_end: u64,
    /// Whether its loss has been recorded.
    lost: bool,
}

impl Wires {
    fn pair(&mut self, server: Id, client: Id) {
        self.ends.entry(server).or_default().peer = Some(client);
        self.ends.entry(client).or_default().peer = Some(server);
    }

    /// Takes out whoever has been accepted at `at`, coming from `peer`.
    fn accepted(&mut self, at: Option<&Address>, peer: &Address) -> Option<Asked> {
        let here = |asked: &Asked| match &asked.local {
            Some(local) => local == peer,
            None => Some(&asked.to) == at,
        };
        let found = self.connecting.iter().position(here)?;
        Some(self.connecting.remove(found))
    }

    /// The event of the one who has waited longest at a listener; 0 when nobody is known to.
    fn waits_at(&self, at: &Address) -> u64 {
        let mut asked = self.connecting.iter();
        asked
            .find(|asked| asked.to == *at)
            .map_or(0, |asked| asked.event)
    }

    /// Whether the peer was the first to end it.
    fn peer_was_first(&self, id: Id) -> bool {
        let own = self.ends.get(&id);
        let (end, read_end) = own.map_or((0, 0), |wire| (wire.end, wire.read_end));
        let theirs = match self.peer_end(id) {
            0 => read_end,
            event => event,
        };
        theirs > 0 && (end == 0 || theirs < end)
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

    fn read_end(&mut self, id: Id, event: u64) {
        self.ends.entry(id).or_default().read_end = event;
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

    pub(crate) fn record_accept(
        &self,
        listener: Id,
        id: Id,
        peer: &Address,
        site: &'static Location<'static>,
    ) {
        let at = self.local_address(listener).ok();
        let mut wires = self.core.wires.borrow_mut();
        let asked = wires.accepted(at.as_ref(), peer);
        if let Some(asked) = &asked {
            wires.pair(id, asked.id);
        }
        drop(wires);
        let object = self.name(id, Prefix::Connection);
        let event = trace::event(Kind::ConnMade)
            .of(object)
            .at(site)
            .attr("peer", || peer.to_string());
        match asked {
            Some(asked) => {
                let other = self.object(asked.id);
                event.cause(asked.event).attr("other", || other)
            }
            None => event.because_of(self.object(listener)),
        }
        .record();
    }

    pub(crate) fn record_connect(&self, id: Id, to: &Address, site: &'static Location<'static>) {
        let object = self.name(id, Prefix::Connection);
        let event = trace::event(Kind::ConnOpen)
            .of(object)
            .at(site)
            .attr("to", || to.to_string())
            .record();
        let local = match self.local_address(id) {
            Ok(local @ Address::Inet(_)) => Some(local),
            _ => None,
        };
        let to = to.clone();
        let asked = Asked {
            id,
            to,
            local,
            event,
        };
        self.core.wires.borrow_mut().connecting.push(asked);
    }

    /// The event that a socket is ready; what its source does happens inside.
    pub(crate) fn record_ready(&self, id: Id, object: Object, what: Readiness) -> Span {
        let event = trace::event(Kind::IoReady)
            .of(object)
            .attr("what", || what.to_string());
        event.cause(self.why_ready(id, object)).enter()
    }

    /// Why a socket became ready: what was sent to it, who asked for a connection, or else what it said last.
    fn why_ready(&self, id: Id, object: Object) -> u64 {
        let at = self.local_address(id);
        let wires = self.core.wires.borrow();
        let asked = || at.map_or(0, |at| wires.waits_at(&at));
        match wires.unread(id) {
            0 if is(object, Prefix::Listener) => match asked() {
                0 => trace::last(object),
                event => event,
            },
            0 => trace::last(object),
            event => event,
        }
    }

    /// The wait of a turn is over, because of a socket, a timer, a call from a thread, or for want of time.
    #[cold]
    pub(crate) fn record_woke(&self, ready: Option<Id>) {
        let ready = ready.map(|id| (id, self.object(id)));
        let timer = || self.core.timers.first_due(self.core.now());
        let (by, on, cause) = if let Some((id, object)) = ready {
            ("io", object, self.why_ready(id, object))
        } else if self.core.mail.is_full() {
            ("thread", Object::NONE, 0)
        } else if let Some(timer) = timer() {
            ("timer", timer, trace::last(timer))
        } else {
            // A limit of whoever asked for the turn, or a world that woke for nothing.
            ("limit", Object::NONE, 0)
        };
        let event = trace::event(Kind::TurnWoke).cause(cause).attr("by", || by);
        match on.is_some() {
            true => event.attr("on", || on),
            false => event,
        }
        .record();
    }

    pub(crate) fn record_finish(
        &self,
        id: Id,
        result: &io::Result<()>,
        site: &'static Location<'static>,
    ) {
        let object = self.object(id);
        match result {
            Ok(()) => {
                let event = trace::event(Kind::ConnMade).of(object).at(site);
                let event = event.because_of(object);
                // The address by which the other side knows this connection: a diagram pairs the two by it.
                match self.local_address(id) {
                    Ok(here) => event.attr("local", || here.to_string()),
                    Err(_) => event,
                }
                .record();
            }
            Err(error) => self.record_error(id, error, site),
        }
    }

    pub(crate) fn record_read(
        &self,
        id: Id,
        result: &io::Result<usize>,
        buffer: &[u8],
        site: &'static Location<'static>,
    ) {
        match result {
            Ok(count) => {
                let object = self.object(id);
                let causes = self.core.wires.borrow_mut().causes(id, *count as u64);
                let mut event = trace::event(Kind::DataIn).of(object).at(site);
                for cause in causes {
                    event = event.cause(cause);
                }
                let event = text(event, &buffer[..*count]).record();
                if *count == 0 && !buffer.is_empty() {
                    self.core.wires.borrow_mut().read_end(id, event);
                }
            }
            Err(error) => self.record_error(id, error, site),
        }
    }

    pub(crate) fn record_write(
        &self,
        id: Id,
        result: &io::Result<usize>,
        buffers: &[io::IoSlice<'_>],
        site: &'static Location<'static>,
    ) {
        match result {
            Ok(count) => {
                let sent = buffers.iter().flat_map(|buffer| buffer.iter().copied());
                let sent: Vec<u8> = sent.take(*count).collect();
                let event = trace::event(Kind::DataOut).of(self.object(id)).at(site);
                let event = text(event, &sent).record();
                self.core
                    .wires
                    .borrow_mut()
                    .wrote(id, sent.len() as u64, event);
            }
            Err(error) => self.record_error(id, error, site),
        }
    }

    pub(crate) fn record_shutdown(&self, id: Id, site: &'static Location<'static>) {
        let event = trace::event(Kind::DataOut)
            .of(self.object(id))
            .at(site)
            .attr("bytes", || 0)
            .attr("end", || true)
            .record();
        self.core.wires.borrow_mut().ended(id, event);
    }

    /// A call that failed for good is the end of the connection, whoever closes it afterwards.
    fn record_error(&self, id: Id, error: &io::Error, site: &'static Location<'static>) {
        let kind = error.kind();
        if matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted) {
            return;
        }
        let by = match kind {
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => "peer",
            _ => "network",
        };
        self.record_loss(id, site, |event| {
            event
                .attr("by", || by)
                .attr("error", || true)
                .attr("why", || kind.to_string())
        });
    }

    /// Its own code closes it.
    pub(crate) fn record_close(&self, id: Id, reset: bool, site: &'static Location<'static>) {
        let first = self.core.wires.borrow().peer_was_first(id);
        self.record_loss(id, site, |event| match (reset, first) {
            (true, _) => event
                .attr("by", || "us")
                .attr("reset", || true)
                .attr("why", || "reset by us"),
            (false, true) => event
                .attr("by", || "peer")
                .attr("why", || "closed by the peer"),
            (false, false) => event.attr("by", || "us").attr("why", || "closed by us"),
        });
    }

    /// The connection is gone. It is said once: an error that was read, or else the close.
    fn record_loss(
        &self,
        id: Id,
        site: &'static Location<'static>,
        say: impl FnOnce(Event) -> Event,
    ) {
        let object = self.object(id);
        if is(object, Prefix::Port) {
            if self.core.wires.borrow_mut().letters.closed(id) {
                say(trace::event(Kind::ConnLost).of(object).at(site)).record();
            }
            return;
        }
        if !is(object, Prefix::Connection) {
            return;
        }
        let (before, cause) = {
            let mut wires = self.core.wires.borrow_mut();
            let cause = wires.peer_end(id);
            wires.connecting.retain(|asked| asked.id != id);
            let wire = wires.ends.entry(id).or_default();
            (std::mem::replace(&mut wire.lost, true), cause)
        };
        if !before {
            let event = trace::event(Kind::ConnLost).of(object).at(site);
            let event = say(event.cause(cause)).record();
            self.core.wires.borrow_mut().ended(id, event);
        }
    }

    /// Gives a socket its name in the recording.
    pub(crate) fn name(&self, id: Id, prefix: Prefix) -> Object {
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

pub(crate) fn is(object: Object, prefix: Prefix) -> bool {
    object.to_string().starts_with(prefix.letter())
}

/// How many bytes; and which, if they are a short text.
pub(crate) fn text(event: Event, bytes: &[u8]) -> Event {
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
