//! A relay that copies both ways: you write what each side passes on.
use std::{cell::RefCell, rc::Rc};
use untwisted::{
    deferreds::Failure,
    transports::{Address, Factory, Loss, Protocol, Transport, connect},
};

/// The two connections of one copy: the client's and the server's, as long as they are there.
#[derive(Default)]
struct Pair {
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
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        let _ = data;
        todo!("to the other side: {:?}", self.other())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let _ = why;
    }
}

/// Connections to `to`, for one client each.
struct ToServer(Rc<Pair>);

impl Factory for ToServer {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let (pair, which) = (Rc::clone(&self.0), SERVER);
        Some(Box::new(Side { pair, which }))
    }
}

/// Copies each connection to and from the server at `to`.
pub fn relay(to: Address) -> Rc<dyn Factory> {
    let _ = connect;
    Rc::new(move |_: &Address| {
        let _ = &to;
        let (pair, which) = (Rc::default(), CLIENT);
        Side { pair, which }
    })
}
