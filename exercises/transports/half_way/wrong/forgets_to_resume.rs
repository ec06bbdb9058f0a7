//! Wrong: a side that was paused is never resumed.
use std::{cell::RefCell, rc::Rc};
use untwisted::{
    deferreds::Failure,
    transports::{Address, Factory, Loss, Protocol, Transport, connect},
};

/// The two connections of one copy: the client's and the server's, as long as they are there.
struct Pair {
    to: Address,
    sides: RefCell<[Option<Transport>; 2]>,
}

const CLIENT: usize = 0;
const SERVER: usize = 1;

/// One of the two.
struct Side {
    pair: Rc<Pair>,
    which: usize,
}

impl Side {
    /// The transport of the other side.
    fn other(&self) -> Option<Transport> {
        self.pair.sides.borrow()[1 - self.which].clone()
    }
}

impl Protocol for Side {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.pair.sides.borrow_mut()[self.which] = Some(transport.clone());
        if self.which == CLIENT {
            // What the client sends waits in its system until there is a server to pass it to.
            transport.pause_reading();
            let server = Rc::new(ToServer(Rc::clone(&self.pair)));
            connect(transport.handle(), &self.pair.to, server);
        } else {
            match self.other() {
                Some(client) => client.resume_reading(),
                None => transport.abort_connection(), // it has gone meanwhile
            }
        }
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        if let Some(other) = self.other() {
            other.write(data);
            if other.is_full() {
                transport.pause_reading();
            }
        }
        Ok(())
    }

    fn peer_closed(&mut self, _: &Transport) {
        if let Some(other) = self.other() {
            other.lose_write_connection();
        }
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.pair.sides.borrow_mut()[self.which] = None;
        if let Some(other) = self.other() {
            match why {
                Loss::Done => other.lose_connection(),
                _ => other.abort_connection(),
            }
        }
    }
}

/// Connections to `to`, for one client each.
struct ToServer(Rc<Pair>);

impl Factory for ToServer {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let (pair, which) = (Rc::clone(&self.0), SERVER);
        Some(Box::new(Side { pair, which }))
    }

    fn connection_failed(&self, _: &Address, _: Failure) {
        let client = self.0.sides.borrow()[CLIENT].clone();
        if let Some(client) = client {
            client.abort_connection();
        }
    }
}

/// Copies each connection to and from the server at `to`.
pub fn relay(to: Address) -> Rc<dyn Factory> {
    Rc::new(move |_: &Address| Side {
        pair: Rc::new(Pair {
            to: to.clone(),
            sides: RefCell::default(),
        }),
        which: CLIENT,
    })
}
