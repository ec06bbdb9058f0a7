//! One connection: what the reactor tells of its socket becomes calls of its protocol, and what was written is sent.
//!
//! ```text
//! io ready ──> ready ──> read_once ──> deliver ──> Protocol::data_received ──> Transport::write ──> Outbox
//! turn ends ─> settle ─> flush ──> (drained, producers) ──> half-close, close
//! ```
//!
//! The protocol runs only from `ready` and `settle`, which the reactor calls. So nothing that a protocol calls can call
//! it back, and the connection never ends under its feet: what ends it is noted, and done in `settle`.
use crate::{
    Loss, Protocol, Transport,
    guard::{guard, guard_last, report},
    layer::Layer,
    outbox::Outbox,
    producer::Production,
    shared::Shared,
};
use deferreds::Failure;
use reactor::{Address, Handle, Id, Phases, Readiness, Ready, Source};
use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind, IoSlice},
    panic::Location,
    rc::Rc,
};

/// Less than this is gathered until the turn ends; more is sent at once when nothing waits.
pub(crate) const DIRECT: usize = 2 * 1024;

/// Above so many waiting bytes a push producer is paused.
pub(crate) const HIGH_WATER: usize = 64 * 1024;

/// All that a connection knows. User code runs only while none of the `RefCell`s is borrowed.
pub(crate) struct Connection {
    pub(crate) id: Id,
    pub(crate) reactor: Handle,
    pub(crate) peer: Address,
    pub(crate) shared: Rc<Shared>,
    /// Whether `connection_made` has been called. Nothing else is before that.
    pub(crate) started: Cell<bool>,
    /// Taken out while it runs; gone when the connection is lost.
    protocol: Cell<Option<Box<dyn Protocol>>>,
    out: RefCell<Outbox>,
    /// TLS, if there is any.
    pub(crate) layer: RefCell<Option<Box<dyn Layer>>>,
    /// Bytes for the layer that were received before it was there.
    pub(crate) raw: RefCell<Vec<u8>>,
    /// Bytes that an earlier protocol handed to this one.
    pub(crate) inbox: RefCell<Vec<u8>>,
    pub(crate) production: RefCell<Option<Production>>,
    /// Where its own code wrote what waits, and asked for the end: for a recording.
    wrote_at: Cell<Option<&'static Location<'static>>>,
    ended_at: Cell<Option<&'static Location<'static>>>,
    /// Why it will be lost, if its own code or a write failed.
    failure: Cell<Option<Failure>>,
    /// Whether `settle` will be called when the turn ends.
    queued: Cell<bool>,
    /// Readiness is announced once, so it is remembered until a short read or write.
    pub(crate) readable: Cell<bool>,
    writable: Cell<bool>,
    /// The world said that the end is near: a short read does not mean that all has been read.
    pub(crate) ending: Cell<bool>,
    /// Who wants it not to be read: bits of `reading.rs`, so that a policy never undoes a protocol's pause.
    pub(crate) paused: Cell<u8>,
    /// Something was written since the protocol was last told that all is drained.
    wrote: Cell<bool>,
    /// Wishes of this side: to close, to say that nothing more comes, to give up.
    pub(crate) closing: Cell<bool>,
    pub(crate) write_closing: Cell<bool>,
    pub(crate) aborting: Cell<bool>,
    /// What has become of them, and of the peer's.
    write_closed: Cell<bool>,
    pub(crate) peer_closed: Cell<bool>,
    pub(crate) lost: Cell<bool>,
}

/// What the reactor owns of a connection. When the reactor lets go of it, the connection is over.
pub(crate) struct Link(pub(crate) Rc<Connection>);

impl Connection {
    /// Takes a stream over. The protocol is not called yet.
    pub(crate) fn start(
        reactor: &Handle,
        id: Id,
        peer: Address,
        protocol: Box<dyn Protocol>,
    ) -> Rc<Link> {
        let connection = Rc::new(Connection {
            id,
            reactor: reactor.clone(),
            peer,
            shared: reactor.extension(),
            started: Cell::new(false),
            protocol: Cell::new(Some(protocol)),
            out: RefCell::default(),
            layer: RefCell::default(),
            raw: RefCell::default(),
            inbox: RefCell::default(),
            production: RefCell::default(),
            wrote_at: Cell::default(),
            ended_at: Cell::default(),
            failure: Cell::default(),
            queued: Cell::new(false),
            readable: Cell::new(false),
            writable: Cell::new(true),
            ending: Cell::new(false),
            paused: Cell::new(0),
            wrote: Cell::new(false),
            closing: Cell::new(false),
            write_closing: Cell::new(false),
            aborting: Cell::new(false),
            write_closed: Cell::new(false),
            peer_closed: Cell::new(false),
            lost: Cell::new(false),
        });
        let link = Rc::new(Link(connection));
        reactor.register(id, link.clone());
        link
    }

    /// The first call of the protocol.
    pub(crate) fn made(self: &Rc<Self>) {
        if self.lost.get() || self.started.replace(true) {
            return;
        }
        if self.readable.get() {
            let (id, what) = (self.id, Readiness::READ);
            self.reactor.again(Ready { id, what });
        }
        self.call(|protocol, transport| protocol.connection_made(transport));
    }

    /// Calls the protocol. It is not in its place meanwhile, so that it may be replaced.
    pub(crate) fn call(
        self: &Rc<Self>,
        call: impl FnOnce(&mut dyn Protocol, &Transport) -> Result<(), Failure>,
    ) {
        let Some(mut protocol) = self.protocol.take() else {
            return;
        };
        let transport = Transport(Rc::clone(self));
        let result = guard(|| call(&mut *protocol, &transport));
        match self.protocol.take() {
            // The reactor was told to close the socket meanwhile: now it can hear of that.
            None if self.lost.get() => tell_end(protocol, &transport, Loss::Aborted),
            None => self.protocol.set(Some(protocol)),
            Some(next) => {
                self.protocol.set(Some(next));
                guard_last("a protocol that was replaced", || drop(protocol));
            }
        }
        if let Err(failure) | Ok(Err(failure)) = result {
            report("a protocol failed and lost its connection", &failure);
            self.fail(failure);
        }
    }

    /// The connection is to end for this reason; the first one counts.
    pub(crate) fn fail(self: &Rc<Self>, failure: Failure) {
        let first = self.failure.take().unwrap_or(failure);
        self.failure.set(Some(first));
        self.aborting.set(true);
        self.schedule();
    }

    /// There is something to do when the turn ends.
    pub(crate) fn schedule(self: &Rc<Self>) {
        if !self.lost.get() && !self.queued.replace(true) {
            self.reactor.at_end(self.clone());
        }
    }

    pub(crate) fn replace_protocol(self: &Rc<Self>, next: Box<dyn Protocol>, rest: &[u8]) {
        if self.lost.get() {
            return guard_last("a protocol that came too late", || drop(next));
        }
        let before = self.protocol.replace(Some(next));
        guard_last("a protocol that was replaced", || drop(before));
        if !rest.is_empty() {
            self.inbox.borrow_mut().extend_from_slice(rest);
            self.schedule();
        }
    }

    // ANCHOR: write
    pub(crate) fn write(self: &Rc<Self>, mut bytes: &[u8]) {
        if bytes.is_empty() || !self.takes_writes() {
            return;
        }
        self.wrote.set(true);
        let mut out = self.out.borrow_mut();
        if let Some(layer) = &mut *self.layer.borrow_mut() {
            layer.write(bytes);
            layer.send(&mut out);
            return self.schedule();
        }
        if bytes.len() >= DIRECT && out.is_empty() && self.writable.get() {
            match self.send(&[IoSlice::new(bytes)]) {
                Ok(count) => {
                    self.writable.set(count == bytes.len());
                    bytes = &bytes[count..];
                }
                Err(error) if is_later(error.kind()) => self.writable.set(false),
                Err(error) => {
                    drop(out);
                    return self.fail(error.into());
                }
            }
        }
        if !bytes.is_empty() {
            out.push(bytes);
        }
        drop(out);
        self.schedule();
    }
    // ANCHOR_END: write

    /// Whether what is written now can still be sent. A producer may go on until it says that it is done.
    pub(crate) fn takes_writes(&self) -> bool {
        let ended = self.lost.get() || self.aborting.get() || self.write_closed.get();
        let ending = self.closing.get() || self.write_closing.get();
        !ended && (!ending || self.production.borrow().is_some())
    }

    pub(crate) fn waiting(&self) -> usize {
        let inside = self.layer.borrow().as_ref().map_or(0, |l| l.waiting());
        self.out.borrow().len() + inside
    }

    // ANCHOR: settle
    /// The turn ends: what was noted is done.
    fn settle(self: &Rc<Self>) {
        self.queued.set(false);
        if self.lost.get() {
            return;
        }
        if self.aborting.get() {
            let Some(failure) = self.failure.take() else {
                return self.lose(Loss::Aborted);
            };
            // What was written before it failed is the answer to something that was right: it goes out as far as it fits.
            let _ = self.send_waiting(); // it is lost already, and for a better reason
            return self.lose(Loss::Failed(failure));
        }
        self.receive_raw();
        self.deliver_inbox();
        self.look_for_layers_end();
        self.flush();
        if self.lost.get() {
            return;
        }
        if self.waiting() > 0 {
            return self.pause_producer();
        }
        if self.wrote.replace(false) {
            self.call(|protocol, transport| {
                protocol.write_drained(transport);
                Ok(())
            });
        }
        self.resume_producer();
        self.end_if_done();
    }
    // ANCHOR_END: settle

    // ANCHOR: flush
    /// Sends what waits, as far as it fits. A short write means that the socket is full, and will say when it is not.
    fn send_waiting(&self) -> io::Result<()> {
        while self.writable.get() && !self.out.borrow().is_empty() {
            let out = self.out.borrow();
            let (result, length) =
                out.gather(|pieces: &[IoSlice<'_>], length| (self.send(pieces), length));
            drop(out);
            match result {
                Ok(count) => {
                    self.writable.set(count == length);
                    self.out.borrow_mut().advance(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_later(error.kind()) => self.writable.set(false),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
    // ANCHOR_END: flush

    pub(crate) fn flush(self: &Rc<Self>) {
        if let Err(error) = self.send_waiting() {
            self.lose(Loss::Failed(error.into()));
        }
    }

    /// Nothing waits to be sent: what was to happen then happens.
    fn end_if_done(self: &Rc<Self>) {
        let busy = self.waiting() > 0 || self.production.borrow().is_some();
        if busy || self.lost.get() || self.aborting.get() {
            return;
        }
        let ends = self.closing.get() || self.write_closing.get();
        if ends && !self.write_closed.get() && !self.close_layer() {
            return;
        }
        if self.closing.get() {
            return self.lose(Loss::Done);
        }
        if self.write_closing.get() && !self.write_closed.replace(true) {
            // An error here is the loss of the connection, of which the next read tells.
            let _ = trace::on_behalf(self.ended_at.get(), || self.reactor.shutdown(self.id));
        }
        if self.write_closed.get() && self.peer_closed.get() {
            self.lose(Loss::Done);
        }
    }

    // ANCHOR: lose
    /// The end, once: the socket is closed, then producer and protocol hear of it and are dropped.
    pub(crate) fn lose(self: &Rc<Self>, why: Loss) {
        let reset = match &why {
            Loss::Done => false,
            Loss::Aborted | Loss::Failed(_) => true,
        };
        self.lose_with(why, reset);
    }

    pub(crate) fn lose_with(self: &Rc<Self>, why: Loss, reset: bool) {
        if self.lost.replace(true) {
            return;
        }
        if !reset {
            self.discard_arrived();
        }
        self.out.borrow_mut().clear();
        drop(self.inbox.take());
        self.close(reset);
        self.tell_lost(why);
    }
    // ANCHOR_END: lose

    fn close(&self, reset: bool) {
        trace::on_behalf(self.ended_at.get(), || self.reactor.close(self.id, reset));
    }

    fn send(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        trace::on_behalf(self.wrote_at.take(), || {
            self.reactor.write_vectored(self.id, pieces)
        })
    }

    /// Its own code writes: what is sent next was asked for there.
    pub(crate) fn asked(&self, at: &'static Location<'static>) {
        if trace::on() && self.wrote_at.get().is_none() {
            self.wrote_at.set(Some(at));
        }
    }

    /// Its own code wants the end.
    pub(crate) fn asked_to_end(&self, at: &'static Location<'static>) {
        if trace::on() && self.ended_at.get().is_none() {
            self.ended_at.set(Some(at));
        }
    }

    pub(crate) fn has_peer_closed(&self) -> bool {
        self.peer_closed.get()
    }

    pub(crate) fn layer(&self) -> &RefCell<Option<Box<dyn Layer>>> {
        &self.layer
    }

    pub(crate) fn out(&self) -> &RefCell<Outbox> {
        &self.out
    }

    fn tell_lost(self: &Rc<Self>, why: Loss) {
        self.stop_producer();
        let Some(protocol) = self.protocol.take() else {
            return;
        };
        tell_end(protocol, &Transport(Rc::clone(self)), why);
        let late = self.protocol.take();
        guard_last("a protocol that came too late", || drop(late));
    }

    pub(crate) fn became_ready(self: &Rc<Self>, what: Readiness) {
        if self.lost.get() {
            return;
        }
        if what.write {
            self.writable.set(true);
            if !self.out.borrow().is_empty() {
                self.schedule();
            }
        }
        if what.read_closed {
            self.ending.set(true);
        }
        if what.read || what.read_closed {
            self.readable.set(true);
            self.read_once();
        } else if what.write_closed && !self.lost.get() {
            // The reader of a pipe is gone; there is nothing to read that would say so.
            self.lose(Loss::Failed(io::Error::from(ErrorKind::BrokenPipe).into()));
        }
    }
}

/// The last that a protocol hears.
fn tell_end(mut protocol: Box<dyn Protocol>, transport: &Transport, why: Loss) {
    guard_last("connection_lost", || {
        protocol.connection_lost(transport, why);
    });
    guard_last("a protocol's destructor", || drop(protocol));
}

/// Nothing is wrong: it cannot be done now.
pub(crate) fn is_later(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

impl Source for Link {
    fn ready(self: Rc<Self>, _: &Handle, _: Id, what: Readiness) {
        self.0.became_ready(what);
    }
}

impl Phases for Connection {
    fn turn_ends(self: Rc<Self>, _: &Handle) {
        self.settle();
    }
}

impl Drop for Link {
    /// The reactor is gone, or forgot the socket.
    fn drop(&mut self) {
        if !self.0.lost.replace(true) {
            self.0.out.borrow_mut().clear();
            self.0.tell_lost(Loss::Aborted);
        }
    }
}
