//! What a connection writes: small pieces are gathered until the turn ends, large ones are sent at
//! once, and what does not fit waits.
use crate::{
    Loss,
    connection::{Connection, is_transient},
};
use std::{
    io::{self, ErrorKind, IoSlice},
    panic::Location,
    rc::Rc,
};

/// Less than this is gathered until the turn ends; more is sent at once when nothing waits.
pub(crate) const DIRECT: usize = 2 * 1024;

/// When more bytes wait, a push producer is paused.
pub(crate) const HIGH_WATER: usize = 64 * 1024;

impl Connection {
    // ANCHOR: write
    /// Sends these bytes at once when they are many and none waits before them, else keeps them.
    pub(crate) fn write(self: &Rc<Self>, mut bytes: &[u8]) {
        if bytes.is_empty() || !self.takes_writes() {
            return;
        }
        self.wrote.set(true);
        let mut out = self.out.borrow_mut();
        if let Some(layer) = &mut *self.layer.borrow_mut() {
            // The layer may have more to say in this turn: it is sent together.
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
                Err(error) if is_transient(error.kind()) => self.writable.set(false),
                // Noted, not told: a protocol that is calling us must not be called back.
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

    /// Whether what is written now can still be sent. A producer may go on until it says that it is
    /// done.
    pub(crate) fn takes_writes(&self) -> bool {
        let ended = self.lost.get() || self.aborting.get() || self.write_closed.get();
        let ending = self.closing.get() || self.write_closing.get();
        !ended && (!ending || self.producer.borrow().is_some())
    }

    /// Returns how many bytes were written and are not with the operating system yet.
    pub(crate) fn waiting(&self) -> usize {
        let inside = self.layer.borrow().as_ref().map_or(0, |l| l.waiting());
        self.out.borrow().len() + inside
    }

    // ANCHOR: flush
    /// Sends what waits, as far as it fits. A short write means that the socket is full, and will
    /// say when it is not.
    pub(crate) fn send_waiting(&self) -> io::Result<()> {
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
                Err(error) if is_transient(error.kind()) => self.writable.set(false),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
    // ANCHOR_END: flush

    /// Sends what waits, as far as it fits. An error ends the connection.
    pub(crate) fn flush(self: &Rc<Self>) {
        if let Err(error) = self.send_waiting() {
            self.lose(Loss::Failed(error.into()));
        }
    }

    fn send(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        trace::on_behalf(self.wrote_at.take(), || {
            self.reactor.write_vectored(self.id, pieces)
        })
    }

    /// Notes for a recording where its own code wrote what is sent next.
    pub(crate) fn note_write(&self, at: &'static Location<'static>) {
        if trace::on() && self.wrote_at.get().is_none() {
            self.wrote_at.set(Some(at));
        }
    }
}
