//! How SIGINT and SIGTERM stop `run`.
use crate::{Handle, Id, Readiness, Signal, Source};
use std::{cell::Cell, rc::Rc};

/// Stops the reactor when a signal comes, and when another one comes later, without waiting for
/// anybody.
#[derive(Default)]
pub(crate) struct StopSignals {
    came: Cell<bool>,
    stopped_by: Cell<Option<Signal>>,
}

impl StopSignals {
    /// Returns the signal that stopped the reactor, if one did: it may have been stopping by
    /// itself.
    pub(crate) fn stopped_by(&self) -> Option<Signal> {
        self.stopped_by.get()
    }
}

impl Source for StopSignals {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id, _: Readiness) {
        let mut last = None;
        while let Ok(signal) = reactor.next_signal(id) {
            last = Some(signal);
        }
        // What came in one wait is one wish to stop, however often Ctrl-C was pressed.
        let Some(signal) = last else { return };
        if self.came.replace(true) {
            self.stopped_by.set(Some(signal));
            reactor.hurry_shutdown();
        } else if reactor.stop().is_ok() {
            self.stopped_by.set(Some(signal));
        }
    }
}
