//! Finger: a name in, what is said of that person out.
use deferreds::Failure;
use reactor::Handle;
use std::rc::Rc;
use transports::{Address, Port, Protocol, Transport, listen};

struct Finger;

impl Protocol for Finger {
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

pub fn serve(reactor: &Handle) -> Result<Port, Failure> {
    let factory = Rc::new(|_: &Address| Finger);
    Ok(listen(reactor, &Address::loopback(79), factory)?)
}
