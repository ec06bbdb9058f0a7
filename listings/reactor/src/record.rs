//! What the recording says of sockets: their names, and which bytes caused which.
//!
//! Nothing here runs unless the thread is being recorded.
use crate::{Address, Handle, Id, Readiness};
use std::{
    io::{self, ErrorKind},
    panic::Location,
};
use trace::{Event, Kind, Object, Prefix, Span};

mod causes;
mod datagrams;

pub(crate) use causes::Causes;
use causes::PendingConnect;

/// Bytes that a recording shows as text, at most.
const SHORT: usize = 60;

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
        let mut causes = self.core.causes.borrow_mut();
        let asked = causes.accepted(at.as_ref(), peer);
        if let Some(asked) = &asked {
            causes.pair(id, asked.id);
        }
        drop(causes);
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
            // The client is not recorded, so only the listener's readiness can be the cause.
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
        let asked = PendingConnect {
            id,
            to,
            local,
            event,
        };
        self.core.causes.borrow_mut().connecting.push(asked);
    }

    /// Records that a socket is ready; what its source does happens inside of the span it returns.
    pub(crate) fn record_ready(&self, id: Id, object: Object, what: Readiness) -> Span {
        let event = trace::event(Kind::IoReady)
            .of(object)
            .attr("what", || what.to_string());
        event.cause(self.why_ready(id, object)).enter()
    }

    /// Why a socket became ready: what was sent to it, who asked for a connection, or else what it
    /// said last.
    fn why_ready(&self, id: Id, object: Object) -> u64 {
        let at = self.local_address(id);
        let causes = self.core.causes.borrow();
        let asked = || at.map_or(0, |at| causes.waits_at(&at));
        match causes.unread(id) {
            0 if is(object, Prefix::Listener) => match asked() {
                0 => trace::last(object),
                event => event,
            },
            0 => trace::last(object),
            event => event,
        }
    }

    /// The wait of a turn is over, because of a socket, a timer, a call from a thread, or for want
    /// of time.
    #[cold]
    pub(crate) fn record_woke(&self, ready: Option<Id>) {
        let ready = ready.map(|id| (id, self.object(id)));
        let timer = || self.core.timers.first_due(self.core.now());
        let (by, on, cause) = if let Some((id, object)) = ready {
            ("io", object, self.why_ready(id, object))
        } else if self.core.mailbox.has_calls() {
            ("thread", Object::NONE, 0)
        } else if let Some(timer) = timer() {
            ("timer", timer, trace::last(timer))
        } else {
            // A limit of the caller of the turn, or a world that woke for nothing.
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
                // The address by which the other side knows this connection: a diagram pairs the
                // two by it.
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
                let causes = self.core.causes.borrow_mut().of_read(id, *count as u64);
                let mut event = trace::event(Kind::DataIn).of(object).at(site);
                // One read may take what several writes have sent.
                for cause in causes {
                    event = event.cause(cause);
                }
                let event = text(event, &buffer[..*count]).record();
                // 0 bytes are the end of the stream, unless there was no room for more.
                if *count == 0 && !buffer.is_empty() {
                    self.core.causes.borrow_mut().read_end(id, event);
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
                // Not the rest: it is written again, and recorded then.
                let sent = buffers.iter().flat_map(|buffer| buffer.iter().copied());
                let sent: Vec<u8> = sent.take(*count).collect();
                let event = trace::event(Kind::DataOut).of(self.object(id)).at(site);
                let event = text(event, &sent).record();
                self.core
                    .causes
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
        self.core.causes.borrow_mut().ended(id, event);
    }

    /// A call that failed for good is the end of the connection, whichever side closes it
    /// afterwards.
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
        let first = self.core.causes.borrow().peer_was_first(id);
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

    /// Records the loss of a connection, once: for an error that was read, or else for the close.
    fn record_loss(
        &self,
        id: Id,
        site: &'static Location<'static>,
        say: impl FnOnce(Event) -> Event,
    ) {
        let object = self.object(id);
        if is(object, Prefix::Port) {
            if self.core.causes.borrow_mut().datagrams.closed(id) {
                say(trace::event(Kind::ConnLost).of(object).at(site)).record();
            }
            return;
        }
        if !is(object, Prefix::Connection) {
            return;
        }
        // In a block of its own: the borrow has ended when `ended`, below, takes the next one.
        let (before, cause) = {
            let mut causes = self.core.causes.borrow_mut();
            let cause = causes.peer_end(id);
            // An accept that comes later must not be paired with it.
            causes.connecting.retain(|asked| asked.id != id);
            let stream = causes.streams.entry(id).or_default();
            (std::mem::replace(&mut stream.lost, true), cause)
        };
        if !before {
            let event = trace::event(Kind::ConnLost).of(object).at(site);
            let event = say(event.cause(cause)).record();
            self.core.causes.borrow_mut().ended(id, event);
        }
    }

    /// Makes a socket's name in the recording.
    pub(crate) fn name(&self, id: Id, prefix: Prefix) -> Object {
        let object = trace::object(prefix);
        if let Some(registered) = self
            .core
            .registrations
            .borrow_mut()
            .get_mut(id.index as usize)
        {
            registered.object = object; // it has just been opened
        }
        object
    }

    /// Returns the name of a socket in the recording, for code that records more of it.
    pub fn object(&self, id: Id) -> Object {
        match self.core.registrations.borrow().get(id.index as usize) {
            Some(registered) if registered.generation == id.generation => registered.object,
            _ => Object::NONE,
        }
    }
}

pub(crate) fn is(object: Object, prefix: Prefix) -> bool {
    object.to_string().starts_with(prefix.letter())
}

/// Adds how many bytes; and which, if they are a short text.
pub(crate) fn text(event: Event, bytes: &[u8]) -> Event {
    let event = event.attr("bytes", || bytes.len());
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.len() <= SHORT => event.attr("text", || text),
        _ => event,
    }
}
