//! A client that knocks at two endpoints, behind which no server is.
// ANCHOR: main
use pocket::deferred::Failure;
use pocket::endpoint::Endpoint;
use pocket::reactor::{Handle, Reactor};
use pocket::transport::{Factory, Protocol};
use std::{cell::Cell, error::Error, rc::Rc};

struct Knocks {
    left: Cell<u32>,
    reactor: Handle,
}

impl Factory for Knocks {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        None
    }
    fn connection_failed(&self, why: Failure) {
        println!("nobody is there: {why}");
        self.left.set(self.left.get() - 1);
        if self.left.get() == 0 {
            self.reactor.stop();
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let knocks = Rc::new(Knocks { left: Cell::new(2), reactor: handle.clone() });
    for text in ["unix:/no/such/door", "tcp:1:interface=127.0.0.1"] {
        Endpoint::parse(text)?.connect(&handle, knocks.clone());
    }
    println!("knocked twice");
    Ok(reactor.run()?)
}
// ANCHOR_END: main
