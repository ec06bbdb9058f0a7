//! What a connection reads: one read a turn, through a layer if there is one, to the protocol that
//! is there by then.
use crate::{
    Loss,
    connection::{Connection, is_transient},
};
use reactor::{Readiness, Ready};
use std::{io::ErrorKind, rc::Rc};

/// How often one close reads what the peer still sends: 1 MiB at most.
const DISCARDS: usize = 16;

/// The bits of a pause: that of the protocol, and that of a policy around it.
pub(crate) const PROTOCOL: u8 = 1;
pub(crate) const POLICY: u8 = 2;

impl Connection {
    /// Sets or clears one pause. The connection is read again when none is left.
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

    /// Whether the protocol is to be told now of what the peer sends.
    pub(crate) fn wants_data(&self) -> bool {
        let done = self.lost.get() || self.aborting.get() || self.closing.get();
        self.started.get() && !done && self.paused.get() == 0 && !self.peer_closed.get()
    }

    // ANCHOR: read
    /// Reads once, at most the buffer that all share. The others have their turn before the next
    /// read.
    pub(crate) fn read_once(self: &Rc<Self>) {
        if !self.readable.get() || !self.wants_data() {
            return;
        }
        let mut buffer = self.buffers.take_buffer();
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
                if self.readable.get() && self.wants_data() {
                    let (id, what) = (self.id, Readiness::READ);
                    self.reactor.again(Ready { id, what });
                }
            }
            // Only a call that was interrupted is worth another try before the next announcement.
            Err(error) if is_transient(error.kind()) => {
                self.readable.set(error.kind() == ErrorKind::Interrupted);
            }
            Err(error) => self.lose(Loss::Failed(error.into())),
        }
        self.buffers.return_buffer(buffer);
    }
    // ANCHOR_END: read

    /// Passes bytes of the socket to the protocol, or to the layer that has to read them first.
    fn received(self: &Rc<Self>, bytes: &[u8]) {
        let has_layer = self.layer.borrow().is_some();
        match has_layer {
            true => {
                self.receive_raw(); // older bytes first
                self.received_in_layer(bytes);
            }
            false => self.deliver(bytes),
        }
    }

    /// Passes to the layer what was received before it was there.
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
        self.undelivered.borrow_mut().extend_from_slice(data);
    }

    pub(crate) fn keeps_nothing(&self) -> bool {
        self.undelivered.borrow().is_empty()
    }

    /// Takes the end of the stream. With a layer, that is an error unless the peer ended it before.
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
        if !self.undelivered.borrow().is_empty() {
            self.undelivered.borrow_mut().extend_from_slice(data);
            return self.deliver_kept();
        }
        self.call(|protocol, transport| protocol.data_received(transport, data));
    }

    pub(crate) fn deliver_kept(self: &Rc<Self>) {
        if !self.wants_data() {
            return;
        }
        let data = self.undelivered.take();
        if !data.is_empty() {
            self.call(|protocol, transport| protocol.data_received(transport, &data));
        }
    }

    /// Closing a socket with unread bytes in it sends a reset, which can overtake what was flushed
    /// ([RFC 1122, 4.2.2.13](https://www.rfc-editor.org/rfc/rfc1122)). So they are read, and
    /// forgotten.
    pub(crate) fn discard_arrived(&self) {
        if !self.readable.get() {
            return;
        }
        let mut buffer = self.buffers.take_buffer();
        for _ in 0..DISCARDS {
            match self.reactor.read(self.id, &mut buffer) {
                Ok(count) if count == buffer.len() => {}
                _ => break,
            }
        }
        self.buffers.return_buffer(buffer);
    }
}
