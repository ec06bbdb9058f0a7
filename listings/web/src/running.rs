//! A site that runs: its connections, and how they are ended.
use crate::{Limits, Resource, connection, life::Life, reply::Log};
use coroutines::spawn;
use deferreds::{Deferred, Resolver};
use reactor::{Address, Handle};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::Duration,
};
use transports::{Factory, Port, Protocol, Stream, Streams};

/// What the connections of a site have in common.
pub(crate) struct Shared {
    pub(crate) root: Rc<dyn Resource>,
    pub(crate) limits: Rc<Limits>,
    pub(crate) log: Option<Log>,
    reactor: Handle,
    connections: RefCell<BTreeMap<u64, Rc<Life>>>,
    made: Cell<u64>,
    stopping: Cell<bool>,
    aborted: Cell<usize>,
    waiting: RefCell<Vec<Resolver<usize>>>,
}

impl Shared {
    pub(crate) fn register(self: &Rc<Shared>, life: &Rc<Life>) -> Registered {
        let key = self.made.replace(self.made.get() + 1);
        self.connections.borrow_mut().insert(key, Rc::clone(life));
        if self.stopping.get() {
            life.stop();
        }
        Registered(Rc::clone(self), key)
    }

    /// Fires whoever waits for the end, when it has come.
    fn look(&self) {
        if self.stopping.get() && self.connections.borrow().is_empty() {
            let aborted = self.aborted.get();
            for resolver in self.waiting.take() {
                self.reactor.call_soon(move |_| resolver.callback(aborted));
            }
        }
    }
}

/// Dropped with its connection.
pub(crate) struct Registered(Rc<Shared>, u64);

impl Drop for Registered {
    fn drop(&mut self) {
        let life = self.0.connections.borrow_mut().remove(&self.1);
        if let Some(life) = life {
            life.end();
        }
        self.0.look();
    }
}

/// A site that serves whatever connects to it, at any number of ports.
#[derive(Clone)]
pub struct Running(Rc<Shared>);

impl Running {
    pub(crate) fn new(
        root: Rc<dyn Resource>,
        limits: Limits,
        log: Option<Log>,
        reactor: &Handle,
    ) -> Running {
        Running(Rc::new(Shared {
            root,
            limits: Rc::new(limits),
            log,
            reactor: reactor.clone(),
            connections: RefCell::default(),
            made: Cell::new(0),
            stopping: Cell::new(false),
            aborted: Cell::new(0),
            waiting: RefCell::default(),
        }))
    }

    // ANCHOR: factory
    /// Returns a factory whose connections ask this site: for [`listen`](transports::listen), or for an endpoint.
    #[must_use]
    pub fn factory(&self) -> Rc<dyn Factory> {
        let site = Rc::clone(&self.0);
        let serve = move |stream: Stream| {
            let connection = connection::serve(Rc::clone(&site), stream);
            drop(spawn(&site.reactor, async move {
                connection.await;
                Ok(())
            }));
        };
        Rc::new(Http(Streams(serve)))
    }
    // ANCHOR_END: factory

    /// Returns how many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.connections.borrow().len()
    }

    // ANCHOR: stop
    /// Ends all connections: those that are silent at once, those that are asking or being answered after their reply.
    /// What is left after `limit` is cut off. Fires when all are gone, with how many were cut off.
    ///
    /// New connections end as soon as they are made, so stop listening first. Asked twice, both are told, and the earlier
    /// limit holds.
    #[track_caller]
    pub fn stop(&self, limit: Duration) -> Deferred<usize> {
        let site = &self.0;
        site.stopping.set(true);
        let connections: Vec<_> = site.connections.borrow().values().cloned().collect();
        for life in connections {
            life.stop();
        }
        let (resolver, stopped) = Deferred::new();
        site.waiting.borrow_mut().push(resolver);
        site.look();
        let weak = Rc::downgrade(site);
        let alarm = site.reactor.call_later(limit, move |_| {
            let Some(site) = weak.upgrade() else { return };
            let left: Vec<_> = site.connections.borrow().values().cloned().collect();
            site.aborted.set(site.aborted.get() + left.len());
            for life in left {
                life.transport.abort_connection();
            }
        });
        stopped.add_both(move |result| {
            let _ = alarm.cancel(); // it may have run
            result
        })
    }
    // ANCHOR_END: stop
}

/// Connections of HTTP: over TLS the two sides agree which one, HTTP/2 or HTTP/1.1.
struct Http<F>(Streams<F>);

impl<F: Fn(Stream) + Clone + 'static> Factory for Http<F> {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        self.0.build_protocol(peer)
    }

    fn alpn(&self) -> Vec<Vec<u8>> {
        vec![b"h2".to_vec(), b"http/1.1".to_vec()]
    }
}

/// A site at one port.
pub struct Served {
    running: Running,
    port: Port,
}

impl Served {
    pub(crate) fn new(running: Running, port: Port) -> Served {
        Served { running, port }
    }

    /// Where it listens, with the port that the world chose.
    #[must_use]
    pub fn address(&self) -> &Address {
        self.port.address()
    }

    /// Returns how many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.running.connections()
    }

    /// Stops listening, and then ends all connections as [`Running::stop`] does.
    #[track_caller]
    pub fn stop(&self, limit: Duration) -> Deferred<usize> {
        self.port.stop_listening();
        self.running.stop(limit)
    }
}
