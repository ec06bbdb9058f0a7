//! How SIGINT and SIGTERM stop `run`.
use crate::{Handle, Id, Readiness, Signal, Source, triggers::Stage};
use std::{cell::Cell, rc::Rc};

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
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
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
