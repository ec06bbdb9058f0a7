//! A port forward: each connection is copied to and from another server.
use deferreds::Failure;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use transports::{Address, Connector, Factory, Loss, Pace, Protocol, Transport, connect};

/// Returns a factory whose connections are copied to and from the server at `to`, each to a
/// connection of its own.
///
/// - What one side sends is written to the other. Each side is the producer of the other one: if
///   one does not read, the other is read no more, and what waits here stays small.
/// - If one side ends its direction, the other reads that end, after all bytes before it. The
///   opposite direction goes on.
/// - If one connection breaks, the other one is aborted; if the server cannot be reached, the
///   client's is.
///
/// Before the server is connected, nothing of the client is read.
///
/// ```
/// use protocols::forward;
/// use reactor::{Reactor, Sim};
/// use transports::{Address, listen};
///
/// let reactor = Reactor::new(Sim::new(1));
/// let to = Address::loopback(80);
/// let port = listen(&reactor.handle(), &Address::loopback(0), forward(to))?;
/// println!("what comes to {} goes to port 80", port.address());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Source:
/// [`portforward`](https://docs.twisted.org/en/stable/api/twisted.protocols.portforward.html).
#[must_use]
pub fn forward(to: Address) -> Rc<dyn Factory> {
    Rc::new(move |_: &Address| Side {
        which: CLIENT,
        pair: Rc::new(Pair {
            to: to.clone(),
            sides: RefCell::default(),
            connector: Cell::default(),
        }),
    })
}

/// The two connections of one copy, each as long as it lives.
struct Pair {
    to: Address,
    sides: RefCell<[Option<Transport>; 2]>,
    connector: Cell<Option<Connector>>,
}

const CLIENT: usize = 0;
const SERVER: usize = 1;

impl Pair {
    fn side(&self, which: usize) -> Option<Transport> {
        self.sides.borrow()[which].clone()
    }
}

/// The protocol of one of them.
struct Side {
    pair: Rc<Pair>,
    which: usize,
}

impl Side {
    fn other(&self) -> Option<Transport> {
        self.pair.side(1 - self.which)
    }
}

// ANCHOR: side
impl Protocol for Side {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.pair.sides.borrow_mut()[self.which] = Some(transport.clone());
        if self.which == CLIENT {
            transport.pause_reading(); // what it sends waits in its own system
            let server = Rc::new(ToServer(Rc::clone(&self.pair)));
            let connector = connect(transport.handle(), &self.pair.to, server);
            self.pair.connector.set(Some(connector));
        } else if let Some(client) = self.other() {
            // What one side reads is what the other one writes.
            transport.register_producer(Rc::new(client.clone()), Pace::Push)?;
            client.register_producer(Rc::new(transport.clone()), Pace::Push)?;
            client.resume_reading();
        } else {
            transport.abort_connection(); // the client has gone meanwhile
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        if let Some(other) = self.other() {
            other.write(data);
        }
        Ok(())
    }

    fn peer_closed(&mut self, _: &Transport) {
        if let Some(other) = self.other() {
            other.unregister_producer(); // an end waits for the producer
            other.lose_write_connection();
        }
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.pair.sides.borrow_mut()[self.which] = None;
        if let Some(connector) = self.pair.connector.take() {
            connector.cancel(); // nothing to cancel if it is connected
        }
        if let Some(other) = self.other() {
            match why {
                Loss::Done => other.lose_connection(), // what waits for it is still sent
                _ => other.abort_connection(),
            }
        }
    }
}
// ANCHOR_END: side

/// Connects one client to the server.
struct ToServer(Rc<Pair>);

impl Factory for ToServer {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let (pair, which) = (Rc::clone(&self.0), SERVER);
        Some(Box::new(Side { pair, which }))
    }

    fn connection_failed(&self, _: &Address, _: Failure) {
        if let Some(client) = self.0.side(CLIENT) {
            client.abort_connection();
        }
    }
}
