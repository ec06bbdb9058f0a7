//! What every pool does, for any protocol: keeps a few connections, lends each to one borrower, and
//! makes the others wait.
use crate::{PoolClosed, PoolOptions, PoolState, PoolTimeout};
use deferreds::{Deferred, Resolver};
use reactor::{DelayedCall, Handle, Time};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    ops::Deref,
    panic::Location,
    rc::Rc,
    thread,
};

/// What a pool must know of its connections.
pub(crate) trait ManageConnection: 'static {
    type Connection: 'static;

    /// Makes a new one.
    fn connect(&self, reactor: &Handle) -> Deferred<Self::Connection>;

    /// Whether it is gone.
    fn is_lost(&self, connection: &Self::Connection) -> bool;

    /// Whether the next borrower finds it as the first one did.
    fn is_clean(&self, connection: &Self::Connection) -> bool;

    /// Makes it so. On failure, the pool aborts the connection.
    fn clean(&self, connection: &Self::Connection) -> Deferred<()>;

    /// Asks it for a sign of life.
    fn check(&self, connection: &Self::Connection) -> Deferred<()>;

    /// Ends it now.
    fn abort(&self, connection: &Self::Connection);
}

/// A pool of connections of one kind. Clones mean the same pool.
pub(crate) struct GenericPool<M: ManageConnection>(Rc<Inner<M>>);

impl<M: ManageConnection> Clone for GenericPool<M> {
    fn clone(&self) -> Self {
        GenericPool(Rc::clone(&self.0))
    }
}

struct Inner<M: ManageConnection> {
    reactor: Handle,
    manager: M,
    options: PoolOptions,
    /// Since when each has been here. The last one is lent first, so that the others grow old and
    /// are checked.
    idle: RefCell<Vec<(M::Connection, Time)>>,
    /// A map and not a queue: one that is cancelled or too late leaves from the middle. Keys grow,
    /// so the first is the oldest.
    waiting: RefCell<BTreeMap<u64, Waiter<M>>>,
    /// Where each loan began, and when: the message of a timeout names the oldest.
    loans: RefCell<BTreeMap<u64, (&'static Location<'static>, Time)>>,
    next_key: Cell<u64>,
    connecting: Cell<usize>,
    cleaning: Cell<usize>,
    closed: Cell<bool>,
    close_resolvers: RefCell<VecDeque<Resolver<()>>>,
}

struct Waiter<M: ManageConnection> {
    resolver: Resolver<Loan<M>>,
    borrowed_at: &'static Location<'static>,
    timeout: DelayedCall,
}

impl<M: ManageConnection> GenericPool<M> {
    pub(crate) fn new(reactor: &Handle, manager: M, options: PoolOptions) -> Self {
        assert!(options.size > 0, "a pool of no connections serves nobody");
        GenericPool(Rc::new(Inner {
            reactor: reactor.clone(),
            manager,
            options,
            idle: RefCell::default(),
            waiting: RefCell::default(),
            loans: RefCell::default(),
            next_key: Cell::new(0),
            connecting: Cell::new(0),
            cleaning: Cell::new(0),
            closed: Cell::new(false),
            close_resolvers: RefCell::default(),
        }))
    }

    pub(crate) fn reactor(&self) -> &Handle {
        &self.0.reactor
    }

    // ANCHOR: acquire
    /// Lends one: an idle one at once, else a new one if there may be more, else the next that
    /// comes back.
    #[track_caller]
    pub(crate) fn acquire(&self) -> Deferred<Loan<M>> {
        let borrowed_at = Location::caller();
        let inner = &self.0;
        if inner.closed.get() {
            return Deferred::fail(PoolClosed);
        }
        if let Some(connection) = inner.take_fresh() {
            return Deferred::succeed(Loan::new(inner, connection, borrowed_at));
        }
        if inner.waiting.borrow().len() >= inner.options.most_waiting {
            return Deferred::fail(inner.timeout_error(std::time::Duration::ZERO));
        }
        let key = inner.new_key();
        // Weak, here and below: a waiter belongs to the pool and must not keep it alive.
        let weak = Rc::downgrade(inner);
        let (resolver, loan) = Deferred::with_canceller(move |_| {
            if let Some(inner) = weak.upgrade() {
                inner.remove_waiter(key);
            }
        });
        let weak = Rc::downgrade(inner);
        let wait = inner.options.wait;
        let timeout = inner.reactor.call_later(wait, move |_| {
            if let Some(inner) = weak.upgrade() {
                let error = inner.timeout_error(wait);
                if let Some(resolver) = inner.remove_waiter(key) {
                    resolver.errback(error);
                }
            }
        });
        let waiter = Waiter {
            resolver,
            borrowed_at,
            timeout,
        };
        inner.waiting.borrow_mut().insert(key, waiter);
        // Last, because a connection can be there at once, and looks for its waiter.
        inner.grow();
        loan
    }
    // ANCHOR_END: acquire

    pub(crate) fn state(&self) -> PoolState {
        self.0.state()
    }

    pub(crate) fn close(&self) -> Deferred<()> {
        let inner = &self.0;
        inner.closed.set(true);
        loop {
            let first = inner.waiting.borrow().keys().next().copied();
            let Some(key) = first else { break };
            if let Some(resolver) = inner.remove_waiter(key) {
                resolver.errback(PoolClosed);
            }
        }
        inner.idle.take();
        let (resolver, closed) = Deferred::new();
        inner.close_resolvers.borrow_mut().push_back(resolver);
        inner.finish_closing();
        closed
    }
}

impl<M: ManageConnection> Inner<M> {
    fn new_key(&self) -> u64 {
        self.next_key.replace(self.next_key.get() + 1)
    }

    fn state(&self) -> PoolState {
        PoolState {
            size: self.options.size,
            idle: self.idle.borrow().len(),
            busy: self.loans.borrow().len() + self.cleaning.get(),
            connecting: self.connecting.get(),
            waiting: self.waiting.borrow().len(),
        }
    }

    fn timeout_error(&self, waited: std::time::Duration) -> PoolTimeout {
        let loans = self.loans.borrow();
        let oldest = loans.values().min_by_key(|(_, since)| *since);
        let now = self.reactor.now();
        PoolTimeout {
            state: self.state(),
            waited,
            oldest: oldest.map(|(borrowed_at, since)| (*borrowed_at, now - *since)),
        }
    }

    /// Takes the idle connection that was used last, if that was a short time ago.
    fn take_fresh(&self) -> Option<M::Connection> {
        let now = self.reactor.now();
        loop {
            let (connection, since) = self.idle.borrow_mut().pop()?;
            if self.manager.is_lost(&connection) {
                continue;
            }
            if now - since < self.options.check_after {
                return Some(connection);
            }
            self.idle.borrow_mut().push((connection, since));
            return None;
        }
    }

    /// Takes a waiter out of the queue, and stops its timeout.
    fn remove_waiter(&self, key: u64) -> Option<Resolver<Loan<M>>> {
        let waiter = self.waiting.borrow_mut().remove(&key)?;
        let _ = waiter.timeout.cancel(); // it may be what runs now
        Some(waiter.resolver)
    }

    /// Fetches connections for those who wait, as many as there may be.
    fn grow(self: &Rc<Self>) {
        while !self.closed.get() {
            let state = self.state();
            if state.waiting <= state.connecting {
                return;
            }
            let old = self.idle.borrow_mut().pop();
            if old.is_none() && state.busy + state.connecting >= state.size {
                return;
            }
            self.connecting.set(state.connecting + 1);
            let inner = Rc::clone(self);
            self.fetch(old.map(|(old, _)| old))
                .on_result(move |result| {
                    inner.connecting.set(inner.connecting.get() - 1);
                    match result {
                        Ok(connection) => inner.offer(connection),
                        // Each attempt fails one waiter: with a wrong password all of them fail,
                        // and no attempt is repeated for ever.
                        Err(failure) => {
                            let first = inner.waiting.borrow().keys().next().copied();
                            match first.and_then(|key| inner.remove_waiter(key)) {
                                Some(resolver) => resolver.errback(failure),
                                None => tracing::warn!("a pool could not connect: {failure}"),
                            }
                            inner.grow();
                            inner.finish_closing();
                        }
                    }
                });
        }
    }

    /// Fires with `old` when it answers a check, else with a new connection.
    fn fetch(self: &Rc<Self>, old: Option<M::Connection>) -> Deferred<M::Connection> {
        let time = self.options.connect;
        let Some(old) = old else {
            return self
                .manager
                .connect(&self.reactor)
                .add_hard_timeout(&self.reactor, time);
        };
        let checked = self.manager.check(&old);
        let inner = Rc::clone(self);
        checked
            .add_hard_timeout(&self.reactor, time)
            .add_both(move |result| match result {
                Ok(()) => deferreds::Next::Now(Ok(old)),
                Err(_) => {
                    inner.manager.abort(&old);
                    deferreds::Next::Later(inner.fetch(None))
                }
            })
    }

    /// Lends it to the borrower that has waited longest, or keeps it.
    fn offer(self: &Rc<Self>, connection: M::Connection) {
        if self.closed.get() {
            drop(connection);
            return self.finish_closing();
        }
        let first = self.waiting.borrow().keys().next().copied();
        let Some(key) = first else {
            let now = self.reactor.now();
            return self.idle.borrow_mut().push((connection, now));
        };
        let borrowed_at = self.waiting.borrow()[&key].borrowed_at;
        if let Some(resolver) = self.remove_waiter(key) {
            resolver.callback(Loan::new(self, connection, borrowed_at));
        }
    }

    // ANCHOR: give_back
    /// Takes a connection back, whose borrower has dropped it.
    fn give_back(self: &Rc<Self>, connection: M::Connection) {
        if self.manager.is_lost(&connection) {
            drop(connection);
            self.grow(); // there is room for another now
            self.finish_closing();
        } else if self.manager.is_clean(&connection) {
            self.offer(connection);
        } else {
            // It is no loan any more, and not idle yet: counted apart, so that the size holds.
            self.cleaning.set(self.cleaning.get() + 1);
            let inner = Rc::clone(self);
            self.manager
                .clean(&connection)
                .add_hard_timeout(&self.reactor, self.options.clean)
                .on_result(move |result| {
                    inner.cleaning.set(inner.cleaning.get() - 1);
                    if result.is_ok() {
                        inner.offer(connection);
                    } else {
                        inner.manager.abort(&connection);
                        drop(connection);
                        inner.grow();
                        inner.finish_closing();
                    }
                });
        }
    }
    // ANCHOR_END: give_back

    /// Fires the Deferreds of `close`, once all connections are back.
    fn finish_closing(&self) {
        let state = self.state();
        if !self.closed.get() || state.busy + state.connecting + state.idle > 0 {
            return;
        }
        loop {
            let next = self.close_resolvers.borrow_mut().pop_front();
            let Some(resolver) = next else { return };
            resolver.callback(());
        }
    }
}

/// A connection that is lent. It goes back to the pool when this is dropped.
pub(crate) struct Loan<M: ManageConnection> {
    connection: Option<M::Connection>,
    inner: Rc<Inner<M>>,
    key: u64,
}

impl<M: ManageConnection> Loan<M> {
    fn new(
        inner: &Rc<Inner<M>>,
        connection: M::Connection,
        borrowed_at: &'static Location<'static>,
    ) -> Loan<M> {
        let key = inner.new_key();
        let now = inner.reactor.now();
        inner.loans.borrow_mut().insert(key, (borrowed_at, now));
        Loan {
            connection: Some(connection),
            inner: Rc::clone(inner),
            key,
        }
    }
}

impl<M: ManageConnection> Deref for Loan<M> {
    type Target = M::Connection;

    fn deref(&self) -> &M::Connection {
        self.connection
            .as_ref()
            .expect("it is there until it is dropped")
    }
}

impl<M: ManageConnection> Drop for Loan<M> {
    fn drop(&mut self) {
        self.inner.loans.borrow_mut().remove(&self.key);
        let Some(connection) = self.connection.take() else {
            return;
        };
        if thread::panicking() {
            // The next borrower must not run while the stack unwinds: a second panic would end the
            // program.
            let inner = Rc::clone(&self.inner);
            self.inner
                .reactor
                .call_soon(move |_| inner.give_back(connection));
        } else {
            self.inner.give_back(connection);
        }
    }
}
