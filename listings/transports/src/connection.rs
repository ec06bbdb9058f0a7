//! One connection: what the reactor tells of its socket becomes calls of its protocol, and what the
//! protocol asks for is done when the turn ends.
//!
//! ```text
//! the socket is ready   became_ready ──► read_once, deliver    reading.rs ──► Protocol::data_received
//!                                                              ──► Transport::write ──► writing.rs
//! the turn ends         finish_turn  ──► flush                 writing.rs
//!                                    ──► write_drained, then the producer ──► half-close, close
//! ```
//!
//! The protocol runs only from `became_ready` and `finish_turn`, which the reactor calls. So
//! nothing that a protocol calls can call it back, and the connection never ends under its feet:
//! what ends it is noted, and done in `finish_turn`.
use crate::{
    Loss, Protocol, Transport,
    layer::Layer,
    panics::{catch_and_report, catch_panic, report},
    producer::RegisteredProducer,
    read_buffers::ReadBuffers,
    write_buffer::WriteBuffer,
};
use deferreds::Failure;
use reactor::{Address, Handle, Id, Phases, Readiness, Ready, Source};
use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind},
    panic::Location,
    rc::Rc,
};

/// All that a connection knows. User code runs only while none of the `RefCell`s is borrowed.
pub(crate) struct Connection {
    pub(crate) id: Id,
    pub(crate) reactor: Handle,
    pub(crate) peer: Address,
    pub(crate) buffers: Rc<ReadBuffers>,
    /// Whether `connection_made` has been called. Nothing else is before that.
    pub(crate) started: Cell<bool>,
    /// Taken out while it runs, so that it may replace itself; gone when the connection is lost.
    protocol: Cell<Option<Box<dyn Protocol>>>,
    pub(crate) out: RefCell<WriteBuffer>,
    /// TLS, if there is any.
    pub(crate) layer: RefCell<Option<Box<dyn Layer>>>,
    /// Bytes for the layer that were received before it was there.
    pub(crate) raw: RefCell<Vec<u8>>,
    /// Bytes that an earlier protocol handed to this one, and those that came during a pause.
    pub(crate) undelivered: RefCell<Vec<u8>>,
    pub(crate) producer: RefCell<Option<RegisteredProducer>>,
    /// Where its own code wrote what waits, and asked for the end: for a recording.
    pub(crate) wrote_at: Cell<Option<&'static Location<'static>>>,
    ended_at: Cell<Option<&'static Location<'static>>>,
    /// Why it will be lost, if its own code or a write failed.
    failure: Cell<Option<Failure>>,
    /// Whether `finish_turn` will be called when the turn ends.
    queued: Cell<bool>,
    /// Readiness is announced once, so it is remembered until a short read or write.
    pub(crate) readable: Cell<bool>,
    pub(crate) writable: Cell<bool>,
    /// The world said that the end is near: a short read does not mean that all has been read.
    pub(crate) ending: Cell<bool>,
    /// The pauses of its reading, bits of `reading.rs`: so a policy never undoes a protocol's.
    pub(crate) paused: Cell<u8>,
    /// Something was written since the protocol was last told that all is drained.
    pub(crate) wrote: Cell<bool>,
    /// Wishes of this side: to close, to say that nothing more comes, to give up.
    pub(crate) closing: Cell<bool>,
    pub(crate) write_closing: Cell<bool>,
    pub(crate) aborting: Cell<bool>,
    /// What has become of them, and of the peer's.
    pub(crate) write_closed: Cell<bool>,
    pub(crate) peer_closed: Cell<bool>,
    pub(crate) lost: Cell<bool>,
}

/// What the reactor owns of a connection, which is lost when the reactor drops this.
pub(crate) struct ConnectionSource(pub(crate) Rc<Connection>);

impl Connection {
    /// Takes a stream over. The protocol is not called yet.
    pub(crate) fn start(
        reactor: &Handle,
        id: Id,
        peer: Address,
        protocol: Box<dyn Protocol>,
    ) -> Rc<ConnectionSource> {
        let connection = Rc::new(Connection {
            id,
            reactor: reactor.clone(),
            peer,
            buffers: reactor.extension(),
            started: Cell::new(false),
            protocol: Cell::new(Some(protocol)),
            out: RefCell::default(),
            layer: RefCell::default(),
            raw: RefCell::default(),
            undelivered: RefCell::default(),
            producer: RefCell::default(),
            wrote_at: Cell::default(),
            ended_at: Cell::default(),
            failure: Cell::default(),
            queued: Cell::new(false),
            readable: Cell::new(false),
            // Until a write falls short: a new socket nearly always takes the first bytes.
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
        // The reactor owns it, so that a reactor that is dropped tells the protocol of the loss.
        let source = Rc::new(ConnectionSource(connection));
        reactor.register(id, source.clone());
        source
    }

    /// Calls the protocol for the first time.
    pub(crate) fn tell_made(self: &Rc<Self>) {
        if self.lost.get() || self.started.replace(true) {
            return;
        }
        // What was announced before there was a protocol is not announced twice.
        if self.readable.get() {
            let (id, what) = (self.id, Readiness::READ);
            self.reactor.again(Ready { id, what });
        }
        self.call(|protocol, transport| protocol.connection_made(transport));
    }

    /// Calls the protocol. Its cell is empty meanwhile, so that the protocol may replace itself.
    pub(crate) fn call(
        self: &Rc<Self>,
        call: impl FnOnce(&mut dyn Protocol, &Transport) -> Result<(), Failure>,
    ) {
        let Some(mut protocol) = self.protocol.take() else {
            return;
        };
        let transport = Transport(Rc::clone(self));
        let result = catch_panic(|| call(&mut *protocol, &transport));
        match self.protocol.take() {
            // The reactor was told to close the socket meanwhile: now it can hear of that.
            None if self.lost.get() => tell_end(protocol, &transport, Loss::Aborted),
            None => self.protocol.set(Some(protocol)),
            // It called `set_protocol`. Only now, when none of its methods runs, can it be dropped.
            Some(next) => {
                self.protocol.set(Some(next));
                catch_and_report("a protocol that was replaced", || drop(protocol));
            }
        }
        if let Err(failure) | Ok(Err(failure)) = result {
            report("a protocol failed and lost its connection", &failure);
            self.fail(failure);
        }
    }

    /// Notes that the connection is to end for this reason; the first one counts.
    pub(crate) fn fail(self: &Rc<Self>, failure: Failure) {
        let first = self.failure.take().unwrap_or(failure);
        self.failure.set(Some(first));
        self.aborting.set(true);
        self.schedule();
    }

    /// Asks for `finish_turn` at the end of this turn, once, however often it is called.
    pub(crate) fn schedule(self: &Rc<Self>) {
        if !self.lost.get() && !self.queued.replace(true) {
            self.reactor.at_end(self.clone());
        }
    }

    pub(crate) fn replace_protocol(self: &Rc<Self>, next: Box<dyn Protocol>, rest: &[u8]) {
        if self.lost.get() {
            return catch_and_report("a protocol that came too late", || drop(next));
        }
        let before = self.protocol.replace(Some(next));
        catch_and_report("a protocol that was replaced", || drop(before));
        if !rest.is_empty() {
            self.undelivered.borrow_mut().extend_from_slice(rest);
            self.schedule();
        }
    }

    // ANCHOR: finish_turn
    /// Does what was noted during the turn, which ends now.
    fn finish_turn(self: &Rc<Self>) {
        self.queued.set(false);
        if self.lost.get() {
            return;
        }
        if self.aborting.get() {
            let Some(failure) = self.failure.take() else {
                return self.lose(Loss::Aborted);
            };
            // What was written before it failed is the answer to something that was right: it goes
            // out as far as it fits.
            let _ = self.send_waiting(); // it is lost already, and for a better reason
            return self.lose(Loss::Failed(failure));
        }
        // Input first: a protocol that answers at once has its answer in the flush of this turn.
        self.receive_raw();
        self.deliver_kept();
        self.check_layer_end();
        self.flush();
        if self.lost.get() {
            return;
        }
        // Neither drained nor closed before all is sent: the socket says when it takes more.
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
    // ANCHOR_END: finish_turn

    /// Half-closes or closes, if that was asked for and nothing waits to be sent any more.
    fn end_if_done(self: &Rc<Self>) {
        let busy = self.waiting() > 0 || self.producer.borrow().is_some();
        if busy || self.lost.get() || self.aborting.get() {
            return;
        }
        let ends = self.closing.get() || self.write_closing.get();
        // The layer's last words have to be sent, too, before the socket ends.
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
    /// Ends the connection, once: closes the socket, then tells producer and protocol, and drops
    /// them.
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
        drop(self.undelivered.take());
        self.close(reset);
        self.tell_lost(why);
    }
    // ANCHOR_END: lose

    fn close(&self, reset: bool) {
        trace::on_behalf(self.ended_at.get(), || self.reactor.close(self.id, reset));
    }

    /// Notes for a recording where its own code asked for the end.
    pub(crate) fn note_end(&self, at: &'static Location<'static>) {
        if trace::on() && self.ended_at.get().is_none() {
            self.ended_at.set(Some(at));
        }
    }

    fn tell_lost(self: &Rc<Self>, why: Loss) {
        self.stop_producer();
        let Some(protocol) = self.protocol.take() else {
            return;
        };
        tell_end(protocol, &Transport(Rc::clone(self)), why);
        // `connection_lost` may have set a protocol. That one has never been called.
        let late = self.protocol.take();
        catch_and_report("a protocol that came too late", || drop(late));
    }

    /// Notes what the socket can do now, and reads.
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
            // Kept, because it is told once, and reading may be paused now.
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
    catch_and_report("connection_lost", || {
        protocol.connection_lost(transport, why);
    });
    catch_and_report("a protocol's destructor", || drop(protocol));
}

/// Whether nothing is wrong, and it only cannot be done now.
pub(crate) fn is_transient(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

impl Source for ConnectionSource {
    fn ready(self: Rc<Self>, _: &Handle, _: Id, what: Readiness) {
        self.0.became_ready(what);
    }
}

impl Phases for Connection {
    fn turn_ends(self: Rc<Self>, _: &Handle) {
        self.finish_turn();
    }
}

impl Drop for ConnectionSource {
    /// The reactor is dropped, or has closed the socket.
    fn drop(&mut self) {
        if !self.0.lost.replace(true) {
            self.0.out.borrow_mut().clear();
            self.0.tell_lost(Loss::Aborted);
        }
    }
}
