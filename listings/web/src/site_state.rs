//! What the connections of a site share, and which there are.
use crate::{Limits, Resource, access::AccessLog, connection_state::ConnectionState};
use deferreds::Resolver;
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

/// What the connections of a site share.
pub(crate) struct SiteState {
    pub(crate) root: Rc<dyn Resource>,
    pub(crate) limits: Rc<Limits>,
    pub(crate) log: Option<AccessLog>,
    pub(crate) reactor: Handle,
    pub(crate) connections: RefCell<BTreeMap<u64, Rc<ConnectionState>>>,
    pub(crate) next_key: Cell<u64>,
    pub(crate) stopping: Cell<bool>,
    pub(crate) aborted: Cell<usize>,
    pub(crate) stop_resolvers: RefCell<Vec<Resolver<usize>>>,
}

impl SiteState {
    /// Adds a connection until the guard is dropped. Of a site that stops, it is stopped at once.
    pub(crate) fn register(self: &Rc<SiteState>, state: &Rc<ConnectionState>) -> Registration {
        let key = self.next_key.replace(self.next_key.get() + 1);
        self.connections.borrow_mut().insert(key, Rc::clone(state));
        if self.stopping.get() {
            state.stop();
        }
        Registration(Rc::clone(self), key)
    }

    /// Fires the Deferreds of `stop`, when all connections are gone.
    pub(crate) fn fire_if_stopped(&self) {
        if self.stopping.get() && self.connections.borrow().is_empty() {
            let aborted = self.aborted.get();
            for resolver in self.stop_resolvers.take() {
                self.reactor.call_soon(move |_| resolver.callback(aborted));
            }
        }
    }
}

/// A guard: its drop removes the connection from the site.
pub(crate) struct Registration(Rc<SiteState>, u64);

impl Drop for Registration {
    fn drop(&mut self) {
        let state = self.0.connections.borrow_mut().remove(&self.1);
        if let Some(state) = state {
            state.cancel_timer();
        }
        self.0.fire_if_stopped();
    }
}
