//! A small Redis on our reactor: its clients are connections, its deadline a timer.
use super::{ClientId, Outgoing, Redis, RedisBounds};
use crate::Limits;
use deferreds::Failure;
use reactor::{DelayedCall, Handle};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    rc::Rc,
    time::Duration,
};
use transports::{Address, Factory, Loss, Port, Protocol, Transport, listen};

/// A [`Redis`] whose clients are connections. Clones are the same server, also on several ports.
///
/// ```
/// use protocols::{RedisBounds, RedisServer};
/// use reactor::{Reactor, Sim};
/// use transports::Address;
///
/// let reactor = Reactor::new(Sim::new(1));
/// let server = RedisServer::new(RedisBounds::default());
/// let port = server.listen(&reactor.handle(), &Address::loopback(0))?;
/// println!("redis-cli -u redis://{}", port.address());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct RedisServer(Rc<Inner>);

struct Inner {
    redis: RefCell<Redis>,
    transports: RefCell<ClientTransports>,
    limits: Limits,
    /// The timer for the next deadline, and for which.
    timer: RefCell<Option<(Duration, DelayedCall)>>,
    /// Whether the timer is to be set anew soon: once, and not after each command.
    timer_check_queued: Cell<bool>,
}

impl RedisServer {
    /// Returns a server with no keys.
    #[must_use]
    pub fn new(bounds: RedisBounds) -> RedisServer {
        RedisServer(Rc::new(Inner {
            redis: RefCell::new(Redis::new(bounds)),
            transports: RefCell::default(),
            limits: Limits::new(bounds.connections, bounds.connections),
            timer: RefCell::default(),
            timer_check_queued: Cell::default(),
        }))
    }

    /// Returns a factory that builds a connection of this server for each client, as long as there
    /// is a place.
    #[must_use]
    pub fn factory(&self) -> Rc<dyn Factory> {
        let inner = Rc::clone(&self.0);
        self.0
            .limits
            .around(Rc::new(move |_: &Address| ClientProtocol {
                server: Rc::clone(&inner),
                client: None,
            }))
    }

    /// Opens a port for it.
    ///
    /// # Errors
    /// The operating system's, as [`listen`] returns it.
    pub fn listen(&self, reactor: &Handle, at: &Address) -> io::Result<Port> {
        listen(reactor, at, self.factory())
    }

    /// Returns how many clients there are.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.0.redis.borrow().clients()
    }

    /// Returns how much all keys and values are, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.0.redis.borrow().memory()
    }
}

/// The connection of each client.
#[derive(Default)]
struct ClientTransports(HashMap<ClientId, Transport>);

// ANCHOR: transports
impl Outgoing for ClientTransports {
    fn send(&mut self, client: ClientId, bytes: &[u8]) {
        if let Some(transport) = self.0.get(&client) {
            transport.write(bytes);
        }
    }

    fn waiting(&self, client: ClientId) -> usize {
        self.0.get(&client).map_or(0, Transport::waiting)
    }

    fn pause(&mut self, client: ClientId, paused: bool) {
        match (self.0.get(&client), paused) {
            (Some(transport), true) => transport.pause_reading(),
            (Some(transport), false) => transport.resume_reading(),
            (None, _) => {}
        }
    }

    fn close(&mut self, client: ClientId) {
        if let Some(transport) = self.0.get(&client) {
            transport.lose_connection();
        }
    }

    fn cut_off(&mut self, client: ClientId) {
        if let Some(transport) = self.0.get(&client) {
            transport.abort_connection();
        }
    }
}
// ANCHOR_END: transports

impl Inner {
    /// Lets the Redis work at this moment. The timer for its next deadline is set in the next turn.
    fn work(
        self: &Rc<Self>,
        reactor: &Handle,
        work: impl FnOnce(&mut Redis, Duration, &mut ClientTransports),
    ) {
        let now = reactor.now().since_start();
        work(
            &mut self.redis.borrow_mut(),
            now,
            &mut self.transports.borrow_mut(),
        );
        // Once a turn, however many commands it has.
        if !self.timer_check_queued.replace(true) {
            // Weak: a server that was dropped must not live on until a key would have ended.
            let inner = Rc::downgrade(self);
            reactor.call_soon(move |reactor| {
                if let Some(inner) = inner.upgrade() {
                    inner.timer_check_queued.set(false);
                    inner.set_timer(reactor);
                }
            });
        }
    }

    fn set_timer(self: &Rc<Self>, reactor: &Handle) {
        let next = self.redis.borrow().next_deadline();
        let mut timer = self.timer.borrow_mut();
        // Most commands do not change which deadline is next.
        if timer.as_ref().map(|(when, _)| *when) == next {
            return;
        }
        if let Some((_, call)) = timer.take() {
            let _ = call.cancel(); // an error says that it has run
        }
        let Some(when) = next else {
            return;
        };
        let inner = Rc::downgrade(self);
        let delay = when.saturating_sub(reactor.now().since_start());
        let call = reactor.call_later(delay, move |reactor| {
            if let Some(inner) = inner.upgrade() {
                inner.timer.take();
                inner.work(reactor, |redis, now, transports| {
                    redis.time_passed(now, transports)
                });
            }
        });
        *timer = Some((when, call));
    }
}

/// One client's protocol.
struct ClientProtocol {
    server: Rc<Inner>,
    client: Option<ClientId>,
}

impl ClientProtocol {
    /// The client is gone: nothing is pushed to it any more.
    fn leave(&mut self) {
        if let Some(client) = self.client.take() {
            self.server.redis.borrow_mut().disconnected(client);
            let transport = self.server.transports.borrow_mut().0.remove(&client);
            drop(transport); // not while they are borrowed: its drop may come back here
        }
    }
}

// ANCHOR: connection
impl Protocol for ClientProtocol {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let client = self.server.redis.borrow_mut().connected();
        let transports = &mut self.server.transports.borrow_mut().0;
        transports.insert(client, transport.clone());
        self.client = Some(client);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        if let Some(client) = self.client {
            self.server
                .work(transport.handle(), |redis, now, transports| {
                    redis.received(client, data, now, transports);
                });
        }
        Ok(())
    }

    fn write_drained(&mut self, transport: &Transport) {
        if let Some(client) = self.client {
            self.server
                .work(transport.handle(), |redis, now, transports| {
                    redis.sent(client, now, transports);
                });
        }
    }

    fn peer_closed(&mut self, transport: &Transport) {
        self.leave();
        transport.lose_connection();
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        self.leave();
    }
}
// ANCHOR_END: connection

impl Drop for ClientProtocol {
    fn drop(&mut self) {
        self.leave();
    }
}
