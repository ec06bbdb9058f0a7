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
pub struct RedisServer(Rc<Shared>);

struct Shared {
    redis: RefCell<Redis>,
    wires: RefCell<Wires>,
    limits: Limits,
    /// The timer for the next deadline, and for which.
    timer: RefCell<Option<(Duration, DelayedCall)>>,
    /// The deadline is looked at when the turn ends, and not after each command.
    looks: Cell<bool>,
}

impl RedisServer {
    /// A server with no keys.
    #[must_use]
    pub fn new(bounds: RedisBounds) -> RedisServer {
        RedisServer(Rc::new(Shared {
            redis: RefCell::new(Redis::new(bounds)),
            wires: RefCell::default(),
            limits: Limits::new(bounds.connections, bounds.connections),
            timer: RefCell::default(),
            looks: Cell::default(),
        }))
    }

    /// Returns a factory that builds a connection of this server for each client, as long as there is a place.
    #[must_use]
    pub fn factory(&self) -> Rc<dyn Factory> {
        let shared = Rc::clone(&self.0);
        self.0.limits.around(Rc::new(move |_: &Address| Connection {
            server: Rc::clone(&shared),
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
struct Wires(HashMap<ClientId, Transport>);

// ANCHOR: wires
impl Outgoing for Wires {
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
// ANCHOR_END: wires

impl Shared {
    /// Lets the Redis work at this moment, and sees to its next deadline when the turn ends.
    fn work(
        self: &Rc<Self>,
        reactor: &Handle,
        work: impl FnOnce(&mut Redis, Duration, &mut Wires),
    ) {
        let now = reactor.now().since_start();
        work(
            &mut self.redis.borrow_mut(),
            now,
            &mut self.wires.borrow_mut(),
        );
        if !self.looks.replace(true) {
            let shared = Rc::downgrade(self);
            reactor.call_soon(move |reactor| {
                if let Some(shared) = shared.upgrade() {
                    shared.looks.set(false);
                    shared.set_timer(reactor);
                }
            });
        }
    }

    fn set_timer(self: &Rc<Self>, reactor: &Handle) {
        let next = self.redis.borrow().next_deadline();
        let mut timer = self.timer.borrow_mut();
        if timer.as_ref().map(|(when, _)| *when) == next {
            return;
        }
        if let Some((_, call)) = timer.take() {
            let _ = call.cancel(); // an error says that it has run
        }
        let Some(when) = next else {
            return;
        };
        let shared = Rc::downgrade(self);
        let delay = when.saturating_sub(reactor.now().since_start());
        let call = reactor.call_later(delay, move |reactor| {
            if let Some(shared) = shared.upgrade() {
                shared.timer.take();
                shared.work(reactor, |redis, now, wires| redis.time_passed(now, wires));
            }
        });
        *timer = Some((when, call));
    }
}

/// One client's protocol.
struct Connection {
    server: Rc<Shared>,
    client: Option<ClientId>,
}

impl Connection {
    /// The client is gone: nothing is pushed to it any more.
    fn leave(&mut self) {
        if let Some(client) = self.client.take() {
            self.server.redis.borrow_mut().disconnected(client);
            let transport = self.server.wires.borrow_mut().0.remove(&client);
            drop(transport); // not while the wires are borrowed
        }
    }
}

// ANCHOR: connection
impl Protocol for Connection {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let client = self.server.redis.borrow_mut().connected();
        let wires = &mut self.server.wires.borrow_mut().0;
        wires.insert(client, transport.clone());
        self.client = Some(client);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        if let Some(client) = self.client {
            self.server.work(transport.handle(), |redis, now, wires| {
                redis.received(client, data, now, wires);
            });
        }
        Ok(())
    }

    fn write_drained(&mut self, transport: &Transport) {
        if let Some(client) = self.client {
            self.server.work(transport.handle(), |redis, now, wires| {
                redis.sent(client, now, wires);
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

impl Drop for Connection {
    fn drop(&mut self) {
        self.leave();
    }
}
