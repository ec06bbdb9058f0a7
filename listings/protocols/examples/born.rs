//! How a protocol is born: what happens between `connect` and the first byte, in order.
use deferreds::Failure;
use reactor::{Hold, react};
use recital::recite;
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Address, Factory, Loss, Protocol, Transport, connect};

// ANCHOR: born
struct Born {
    done: Option<Hold>,
    heard: bool,
}

impl Protocol for Born {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let connected = transport.host().is_ok();
        say!("connection_made; connected: {connected}");
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        if !std::mem::replace(&mut self.heard, true) {
            say!("data_received: {} bytes", data.len());
        }
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        say!("connection_lost; connected: {}", transport.host().is_ok());
        self.done.take();
    }
}

impl Drop for Born {
    fn drop(&mut self) {
        say!("the protocol is dropped");
    }
}

struct Builds(Cell<Option<Hold>>);

impl Factory for Builds {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        say!("build_protocol");
        let done = self.0.take();
        Some(Box::new(Born { done, heard: false }))
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let address = recite(reactor, &["eagle"])?.remove(0);
        let factory = Rc::new(Builds(Cell::new(Some(done))));
        say!("connect is called");
        connect(reactor, &address, factory);
        say!("connect has returned");
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: born
