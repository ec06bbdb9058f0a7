//! What a connection shares with its protocol: the queue of questions, the state of the
//! transaction, the transport.
use crate::{
    ConnectionLost, Notification,
    pending::Pending,
    session::{Answer, CancelKey, Status, terminate},
};
use deferreds::Resolver;
use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};
use transports::Transport;

type OnNotification = Rc<dyn Fn(Notification)>;

/// The field `lost` is set once, by whichever side ends the connection first: from then on every
/// question fails with it.
#[derive(Default)]
pub(crate) struct SharedState {
    pub(crate) transport: RefCell<Option<Transport>>,
    pub(crate) pending: Pending<Answer>,
    pub(crate) lost: RefCell<Option<ConnectionLost>>,
    pub(crate) watchers: RefCell<Vec<Resolver<ConnectionLost>>>,
    /// Called with each notification; `None` until there is a listener.
    pub(crate) notified: RefCell<Option<OnNotification>>,
    pub(crate) status: Cell<Status>,
    pub(crate) key: Cell<Option<CancelKey>>,
    /// How many statements have got names.
    pub(crate) prepared: Cell<u64>,
}

impl fmt::Debug for SharedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedState").finish_non_exhaustive()
    }
}

impl SharedState {
    pub(crate) fn write(&self, bytes: &[u8]) {
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.write(bytes);
        }
    }

    pub(crate) fn abort(&self) {
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.abort_connection();
        }
    }

    pub(crate) fn close(&self) {
        if self.lost.borrow().is_some() {
            return;
        }
        *self.lost.borrow_mut() = Some(ConnectionLost::closed_here());
        self.write(&terminate());
    }

    pub(crate) fn notify(&self, notification: Notification) {
        let notified = self.notified.borrow().clone();
        if let Some(notified) = notified {
            notified(notification);
        }
    }

    /// Fires all that have waited, oldest first; what one of them asks meanwhile fails, too.
    pub(crate) fn fail_all(&self, lost: &ConnectionLost) {
        *self.lost.borrow_mut() = Some(lost.clone());
        loop {
            // Its own statement: nothing may be borrowed when the resolver fires.
            let next = self.pending.take_oldest();
            let Some(resolver) = next else { break };
            resolver.errback(lost.clone());
        }
        self.notified.take();
        for watcher in self.watchers.take() {
            watcher.callback(lost.clone());
        }
    }
}
