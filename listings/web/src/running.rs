//! A site that runs: its connections, and how they are ended.
use crate::{Limits, Resource, access::AccessLog, connection, site_state::SiteState};
use coroutines::spawn;
use deferreds::Deferred;
use reactor::{Address, Handle};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use transports::{Factory, Port, Protocol, Stream, Streams};

/// A site that serves whatever connects to it, at any number of ports.
#[derive(Clone)]
pub struct RunningSite(Rc<SiteState>);

impl RunningSite {
    pub(crate) fn new(
        root: Rc<dyn Resource>,
        limits: Limits,
        log: Option<AccessLog>,
        reactor: &Handle,
    ) -> RunningSite {
        RunningSite(Rc::new(SiteState {
            root,
            limits: Rc::new(limits),
            log,
            reactor: reactor.clone(),
            connections: RefCell::default(),
            next_key: Cell::new(0),
            stopping: Cell::new(false),
            aborted: Cell::new(0),
            stop_resolvers: RefCell::default(),
        }))
    }

    // ANCHOR: factory
    /// Returns a factory whose connections ask this site: for [`listen`](transports::listen), or
    /// for an endpoint.
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
        Rc::new(HttpFactory(Streams(serve)))
    }
    // ANCHOR_END: factory

    /// Returns how many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.connections.borrow().len()
    }

    // ANCHOR: stop
    /// Ends all connections: those that are silent at once, those that are asking or being answered
    /// after their reply. What is left after `limit` is cut off. Fires when all are gone, with how
    /// many were cut off.
    ///
    /// New connections end as soon as they are made, so stop listening first. Asked twice, both are
    /// told, and the earlier limit holds.
    #[track_caller]
    pub fn stop(&self, limit: Duration) -> Deferred<usize> {
        let site = &self.0;
        site.stopping.set(true);
        let connections: Vec<_> = site.connections.borrow().values().cloned().collect();
        for state in connections {
            state.stop();
        }
        let (resolver, stopped) = Deferred::new();
        site.stop_resolvers.borrow_mut().push(resolver);
        site.fire_if_stopped();
        let weak = Rc::downgrade(site);
        let timer = site.reactor.call_later(limit, move |_| {
            let Some(site) = weak.upgrade() else { return };
            let left: Vec<_> = site.connections.borrow().values().cloned().collect();
            site.aborted.set(site.aborted.get() + left.len());
            for state in left {
                state.transport.abort_connection();
            }
        });
        stopped.add_both(move |result| {
            let _ = timer.cancel(); // it may have run
            result
        })
    }
    // ANCHOR_END: stop
}

/// Connections of HTTP: over TLS the two sides agree which one, HTTP/2 or HTTP/1.1.
struct HttpFactory<F>(Streams<F>);

impl<F: Fn(Stream) + Clone + 'static> Factory for HttpFactory<F> {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        self.0.build_protocol(peer)
    }

    fn alpn(&self) -> Vec<Vec<u8>> {
        vec![b"h2".to_vec(), b"http/1.1".to_vec()]
    }
}

/// A site at one port.
pub struct Served {
    running: RunningSite,
    port: Port,
}

impl Served {
    pub(crate) fn new(running: RunningSite, port: Port) -> Served {
        Served { running, port }
    }

    /// Returns where it listens, with the port that the world chose.
    #[must_use]
    pub fn address(&self) -> &Address {
        self.port.address()
    }

    /// Returns how many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.running.connections()
    }

    /// Stops listening, and then ends all connections as [`RunningSite::stop`] does.
    #[track_caller]
    pub fn stop(&self, limit: Duration) -> Deferred<usize> {
        self.port.stop_listening();
        self.running.stop(limit)
    }
}
