//! What every pool does, whatever its connections speak: keeps a few, lends each to one borrower, makes the others wait.
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
pub(crate) trait Manage: 'static {
    type Connection: 'static;

    /// Makes a new one.
    fn connect(&self, reactor: &Handle) -> Deferred<Self::Connection>;

    /// Whether it is gone.
    fn is_lost(&self, connection: &Self::Connection) -> bool;

    /// Whether the next borrower finds it as the first one did.
    fn is_clean(&self, connection: &Self::Connection) -> bool;

    /// Makes it so; a failure gives it up.
    fn clean(&self, connection: &Self::Connection) -> Deferred<()>;

    /// Asks it for a sign of life.
    fn check(&self, connection: &Self::Connection) -> Deferred<()>;

    /// Ends it now.
    fn abort(&self, connection: &Self::Connection);
}

/// A pool of them. Clones mean the same one.
pub(crate) struct Keeper<M: Manage>(Rc<Inside<M>>);

impl<M: Manage> Clone for Keeper<M> {
    fn clone(&self) -> Self {
        Keeper(Rc::clone(&self.0))
    }
}

struct Inside<M: Manage> {
    reactor: Handle,
    manager: M,
    options: PoolOptions,
    /// Since when each has been here. The last one is lent first, so that the others grow old and are checked.
    idle: RefCell<Vec<(M::Connection, Time)>>,
    /// A map and not a queue: one that is cancelled or too late leaves from the middle. Keys grow, so the first is the oldest.
    waiting: RefCell<BTreeMap<u64, Waiter<M>>>,
    /// Where each loan began, and when: the message of a timeout names the oldest.
    loans: RefCell<BTreeMap<u64, (&'static Location<'static>, Time)>>,
    next: Cell<u64>,
    connecting: Cell<usize>,
    cleaning: Cell<usize>,
    closed: Cell<bool>,
    ended: RefCell<VecDeque<Resolver<()>>>,
}

struct Waiter<M: Manage> {
    resolver: Resolver<Loan<M>>,
    place: &'static Location<'static>,
    limit: DelayedCall,
}

impl<M: Manage> Keeper<M> {
    pub(crate) fn new(reactor: &Handle, manager: M, options: PoolOptions) -> Self {
        assert!(options.size > 0, "a pool of no connections serves nobody");
        Keeper(Rc::new(Inside {
            reactor: reactor.clone(),
            manager,
            options,
            idle: RefCell::default(),
            waiting: RefCell::default(),
            loans: RefCell::default(),
            next: Cell::new(0),
            connecting: Cell::new(0),
            cleaning: Cell::new(0),
            closed: Cell::new(false),
            ended: RefCell::default(),
        }))
    }

    pub(crate) fn reactor(&self) -> &Handle {
        &self.0.reactor
    }

    // ANCHOR: acquire
    /// Lends one: an idle one at once, else a new one if there may be more, else the next that comes back.
    #[track_caller]
    pub(crate) fn acquire(&self) -> Deferred<Loan<M>> {
        let place = Location::caller();
        let inside = &self.0;
        if inside.closed.get() {
            return Deferred::fail(PoolClosed);
        }
        if let Some(connection) = inside.fresh() {
            return Deferred::succeed(Loan::new(inside, connection, place));
        }
        if inside.waiting.borrow().len() >= inside.options.most_waiting {
            return Deferred::fail(inside.too_late(std::time::Duration::ZERO));
        }
        let key = inside.key();
        let weak = Rc::downgrade(inside);
        let (resolver, loan) = Deferred::with_canceller(move |_| {
            if let Some(inside) = weak.upgrade() {
                inside.leave(key);
            }
        });
        let weak = Rc::downgrade(inside);
        let wait = inside.options.wait;
        let limit = inside.reactor.call_later(wait, move |_| {
            if let Some(inside) = weak.upgrade() {
                let error = inside.too_late(wait);
                if let Some(resolver) = inside.leave(key) {
                    resolver.errback(error);
                }
            }
        });
        let waiter = Waiter {
            resolver,
            place,
            limit,
        };
        inside.waiting.borrow_mut().insert(key, waiter);
        inside.grow();
        loan
    }
    // ANCHOR_END: acquire

    pub(crate) fn state(&self) -> PoolState {
        self.0.state()
    }

    pub(crate) fn close(&self) -> Deferred<()> {
        let inside = &self.0;
        inside.closed.set(true);
        loop {
            let first = inside.waiting.borrow().keys().next().copied();
            let Some(key) = first else { break };
            if let Some(resolver) = inside.leave(key) {
                resolver.errback(PoolClosed);
            }
        }
        inside.idle.take();
        let (resolver, ended) = Deferred::new();
        inside.ended.borrow_mut().push_back(resolver);
        inside.is_over();
        ended
    }
}

impl<M: Manage> Inside<M> {
    fn key(&self) -> u64 {
        self.next.replace(self.next.get() + 1)
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

    fn too_late(&self, waited: std::time::Duration) -> PoolTimeout {
        let loans = self.loans.borrow();
        let oldest = loans.values().min_by_key(|(_, since)| *since);
        let now = self.reactor.now();
        PoolTimeout {
            state: self.state(),
            waited,
            oldest: oldest.map(|(place, since)| (*place, now - *since)),
        }
    }

    /// An idle one that is there and was used a short time ago.
    fn fresh(&self) -> Option<M::Connection> {
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

    /// Takes a waiter out of the line.
    fn leave(&self, key: u64) -> Option<Resolver<Loan<M>>> {
        let waiter = self.waiting.borrow_mut().remove(&key)?;
        let _ = waiter.limit.cancel(); // it may be what runs now
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
            let inside = Rc::clone(self);
            self.fetch(old.map(|(old, _)| old))
                .on_result(move |result| {
                    inside.connecting.set(inside.connecting.get() - 1);
                    match result {
                        Ok(connection) => inside.offer(connection),
                        // One attempt, one waiter: a wrong password is told to each, and nobody tries for ever.
                        Err(failure) => {
                            let first = inside.waiting.borrow().keys().next().copied();
                            match first.and_then(|key| inside.leave(key)) {
                                Some(resolver) => resolver.errback(failure),
                                None => tracing::warn!("a pool could not connect: {failure}"),
                            }
                            inside.grow();
                            inside.is_over();
                        }
                    }
                });
        }
    }

    /// An idle one that shows that it lives, else a new one.
    fn fetch(self: &Rc<Self>, old: Option<M::Connection>) -> Deferred<M::Connection> {
        let time = self.options.connect;
        let Some(old) = old else {
            return self
                .manager
                .connect(&self.reactor)
                .add_hard_timeout(&self.reactor, time);
        };
        let checked = self.manager.check(&old);
        let inside = Rc::clone(self);
        checked
            .add_hard_timeout(&self.reactor, time)
            .add_both(move |result| match result {
                Ok(()) => deferreds::Next::Now(Ok(old)),
                Err(_) => {
                    inside.manager.abort(&old);
                    deferreds::Next::Later(inside.fetch(None))
                }
            })
    }

    /// Lends it to whoever has waited longest, or keeps it.
    fn offer(self: &Rc<Self>, connection: M::Connection) {
        if self.closed.get() {
            drop(connection);
            return self.is_over();
        }
        let first = self.waiting.borrow().keys().next().copied();
        let Some(key) = first else {
            let now = self.reactor.now();
            return self.idle.borrow_mut().push((connection, now));
        };
        let place = self.waiting.borrow()[&key].place;
        if let Some(resolver) = self.leave(key) {
            resolver.callback(Loan::new(self, connection, place));
        }
    }

    // ANCHOR: give_back
    /// A borrower has dropped it.
    fn give_back(self: &Rc<Self>, connection: M::Connection) {
        if self.manager.is_lost(&connection) {
            drop(connection);
            self.grow();
            self.is_over();
        } else if self.manager.is_clean(&connection) {
            self.offer(connection);
        } else {
            self.cleaning.set(self.cleaning.get() + 1);
            let inside = Rc::clone(self);
            self.manager
                .clean(&connection)
                .add_hard_timeout(&self.reactor, self.options.clean)
                .on_result(move |result| {
                    inside.cleaning.set(inside.cleaning.get() - 1);
                    if result.is_ok() {
                        inside.offer(connection);
                    } else {
                        inside.manager.abort(&connection);
                        drop(connection);
                        inside.grow();
                        inside.is_over();
                    }
                });
        }
    }
    // ANCHOR_END: give_back

    /// Tells whoever closed the pool, once all has come back.
    fn is_over(&self) {
        let state = self.state();
        if !self.closed.get() || state.busy + state.connecting + state.idle > 0 {
            return;
        }
        loop {
            let next = self.ended.borrow_mut().pop_front();
            let Some(resolver) = next else { return };
            resolver.callback(());
        }
    }
}

/// A connection that is lent. Dropping it gives it back.
pub(crate) struct Loan<M: Manage> {
    connection: Option<M::Connection>,
    inside: Rc<Inside<M>>,
    key: u64,
}

impl<M: Manage> Loan<M> {
    fn new(
        inside: &Rc<Inside<M>>,
        connection: M::Connection,
        place: &'static Location<'static>,
    ) -> Loan<M> {
        let key = inside.key();
        let now = inside.reactor.now();
        inside.loans.borrow_mut().insert(key, (place, now));
        Loan {
            connection: Some(connection),
            inside: Rc::clone(inside),
            key,
        }
    }
}

impl<M: Manage> Deref for Loan<M> {
    type Target = M::Connection;

    fn deref(&self) -> &M::Connection {
        self.connection
            .as_ref()
            .expect("it is there until it is dropped")
    }
}

impl<M: Manage> Drop for Loan<M> {
    fn drop(&mut self) {
        self.inside.loans.borrow_mut().remove(&self.key);
        let Some(connection) = self.connection.take() else {
            return;
        };
        if thread::panicking() {
            // Whoever waits must not run while the stack unwinds: a second panic would end the program.
            let inside = Rc::clone(&self.inside);
            self.inside
                .reactor
                .call_soon(move |_| inside.give_back(connection));
        } else {
            self.inside.give_back(connection);
        }
    }
}
