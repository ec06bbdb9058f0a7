//! What a connection reads: one read a turn, through a layer if there is one, to the protocol that is there by then.
use crate::{
    Loss,
    connection::{Connection, is_later},
};
use reactor::{Readiness, Ready};
use std::{io::ErrorKind, rc::Rc};

/// How often one close reads what the peer still sends: 1 MiB at most.
const DISCARDS: usize = 16;

/// Who has paused a connection, each a bit: its protocol, and a policy around it.
pub(crate) const PROTOCOL: u8 = 1;
pub(crate) const POLICY: u8 = 2;

impl Connection {
    /// It is read again when nobody wants it paused any more.
    pub(crate) fn set_paused(self: &Rc<Self>, by: u8, paused: bool) {
        let before = self.paused.get();
        let after = if paused { before | by } else { before & !by };
        self.paused.set(after);
        if before != 0 && after == 0 && !self.lost.get() {
            if self.readable.get() {
                let (id, what) = (self.id, Readiness::READ);
                self.reactor.again(Ready { id, what });
            }
            self.schedule();
        }
    }

    /// Whether the protocol is to be told of what the peer sends.
    pub(crate) fn listens(&self) -> bool {
        let done = self.lost.get() || self.aborting.get() || self.closing.get();
        self.started.get() && !done && self.paused.get() == 0 && !self.peer_closed.get()
    }

    // ANCHOR: read
    /// One read, of at most the shared buffer. The others have their turn before the next one.
    pub(crate) fn read_once(self: &Rc<Self>) {
        if !self.readable.get() || !self.listens() {
            return;
        }
        let mut buffer = self.shared.take_buffer();
        let result = self.reactor.read(self.id, &mut buffer);
        match result {
            Ok(0) => {
                self.readable.set(false);
                self.ended();
            }
            Ok(count) => {
                // A short read has drained the socket, unless its end waits behind the bytes.
                self.readable
                    .set(count == buffer.len() || self.ending.get());
                self.received(&buffer[..count]);
                if self.readable.get() && self.listens() {
                    let (id, what) = (self.id, Readiness::READ);
                    self.reactor.again(Ready { id, what });
                }
            }
            Err(error) if is_later(error.kind()) => {
                self.readable.set(error.kind() == ErrorKind::Interrupted);
            }
            Err(error) => self.lose(Loss::Failed(error.into())),
        }
        self.shared.give_buffer(buffer);
    }
    // ANCHOR_END: read

    /// Bytes of the socket: the protocol's, unless a layer has to read them first.
    fn received(self: &Rc<Self>, bytes: &[u8]) {
        let has_layer = self.layer.borrow().is_some();
        match has_layer {
            true => {
                self.receive_raw();
                self.received_in_layer(bytes);
            }
            false => self.deliver(bytes),
        }
    }

    pub(crate) fn receive_raw(self: &Rc<Self>) {
        let raw = self.raw.take();
        if !raw.is_empty() && !self.lost.get() {
            self.received_in_layer(&raw);
        }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn push_back(&self, rest: &[u8]) {
        self.raw.borrow_mut().extend_from_slice(rest);
    }

    /// Keeps what the protocol does not want now.
    pub(crate) fn keep(&self, data: &[u8]) {
        self.inbox.borrow_mut().extend_from_slice(data);
    }

    pub(crate) fn keeps_nothing(&self) -> bool {
        self.inbox.borrow().is_empty()
    }

    /// The peer sends no more.
    fn ended(self: &Rc<Self>) {
        let mut layer = self.layer.borrow_mut();
        let ended = layer.as_mut().map_or(Ok(()), |layer| layer.ended());
        drop(layer);
        match ended {
            Ok(()) => self.tell_peer_closed(),
            Err(failure) => self.lose(Loss::Failed(failure)),
        }
    }

    pub(crate) fn tell_peer_closed(self: &Rc<Self>) {
        self.peer_closed.set(true);
        self.call(|protocol, transport| {
            protocol.peer_closed(transport);
            Ok(())
        });
        self.schedule();
    }

    /// Hands bytes to the protocol, behind those that an earlier protocol left.
    pub(crate) fn deliver(self: &Rc<Self>, data: &[u8]) {
        if !self.inbox.borrow().is_empty() {
            self.inbox.borrow_mut().extend_from_slice(data);
            return self.deliver_inbox();
        }
        self.call(|protocol, transport| protocol.data_received(transport, data));
    }

    pub(crate) fn deliver_inbox(self: &Rc<Self>) {
        if !self.listens() {
            return;
        }
        let data = self.inbox.take();
        if !data.is_empty() {
            self.call(|protocol, transport| protocol.data_received(transport, &data));
        }
    }

    /// Closing a socket with unread bytes in it sends a reset, which can overtake what was flushed
    /// ([RFC 1122, 4.2.2.13](https://www.rfc-editor.org/rfc/rfc1122)). So they are read, and forgotten.
    pub(crate) fn discard_arrived(&self) {
        if !self.readable.get() {
            return;
        }
        let mut buffer = self.shared.take_buffer();
        for _ in 0..DISCARDS {
            match self.reactor.read(self.id, &mut buffer) {
                Ok(count) if count == buffer.len() => {}
                _ => break,
            }
        }
        self.shared.give_buffer(buffer);
    }
}
