//! Finger: a name in, what is said of that person out.
use deferreds::Failure;
use reactor::Handle;
use std::rc::Rc;
use transports::{Address, Factory, Port, Protocol, listen};

struct Nobody;

impl Factory for Nobody {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        None
    }
}

pub fn serve(reactor: &Handle) -> Result<Port, Failure> {
    let factory = Rc::new(Nobody);
    Ok(listen(reactor, &Address::loopback(79), factory)?)
}
