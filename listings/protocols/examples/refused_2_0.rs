//! A port where nobody listens: who hears of it, when no protocol was ever built.
use deferreds::Failure;
use reactor::{Address, Hold, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Factory, Protocol, connect};

// ANCHOR: factory
struct Hears(Cell<Option<Hold>>);

impl Factory for Hears {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        say!("never printed: there is no connection to build a protocol for");
        None
    }

    fn connection_failed(&self, to: &Address, why: Failure) {
        say!("connection_failed, to {to}");
        say!("  because: {why}");
        self.0.take();
    }
}
// ANCHOR_END: factory

fn main() -> ExitCode {
    react(|reactor, done| {
        let factory = Rc::new(Hears(Cell::new(Some(done))));
        connect(reactor, &Address::loopback(9), factory);
        Ok::<(), io::Error>(())
    })
}
