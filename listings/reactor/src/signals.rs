//! Signals: how a program asks for them, and how SIGINT and SIGTERM stop `run`.
use crate::{Handle, Id, Readiness, Signal, Source, triggers::Stage};
use std::{cell::Cell, io, rc::Rc};

impl Handle {
    /// Asks for `which`: the source becomes ready to read when one came.
    /// [`Reactor::run`](crate::Reactor::run) does this for SIGINT and SIGTERM by itself.
    ///
    /// # Errors
    /// `Unsupported` where there are no signals.
    pub fn signals(&self, which: &[Signal]) -> io::Result<Id> {
        self.core.world.borrow_mut().signals(which)
    }

    /// The next signal that came.
    ///
    /// # Errors
    /// `WouldBlock` when there is none.
    pub fn next_signal(&self, signals: Id) -> io::Result<Signal> {
        self.core.world.borrow_mut().next_signal(signals)
    }
}

/// Stops the reactor at the first signal, and at the second without waiting for anybody.
pub(crate) struct StopSignals {
    id: Id,
    received: Cell<Option<Signal>>,
}

impl StopSignals {
    pub(crate) fn new(id: Id) -> Rc<StopSignals> {
        Rc::new(StopSignals {
            id,
            received: Cell::new(None),
        })
    }

    pub(crate) fn received(&self) -> Option<Signal> {
        self.received.get()
    }
}

impl Source for StopSignals {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Readiness) {
        while let Ok(signal) = reactor.next_signal(self.id) {
            let first = self.received.replace(Some(signal)).is_none();
            if first && reactor.core.triggers.stage.get() != Stage::Stopping {
                // Before the first turn there is nothing to stop; a signal cannot come earlier.
                let _ = reactor.stop();
            } else {
                reactor.finish_shutdown();
            }
        }
    }
}
