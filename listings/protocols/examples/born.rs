//! How a protocol is born: what happens between `connect` and the first byte, in order.
use deferreds::{Failure, poem::recite};
use reactor::{Hold, react};
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
        say!("4. connection_made: the transport is here, connected: {connected}");
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        if !std::mem::replace(&mut self.heard, true) {
            say!("5. data_received: {} bytes", data.len());
        }
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        say!(
            "6. connection_lost: the transport is still here, connected: {}",
            transport.host().is_ok()
        );
        self.done.take();
    }
}

impl Drop for Born {
    fn drop(&mut self) {
        say!("7. the protocol is dropped");
    }
}

struct Builds(Cell<Option<Hold>>);

impl Factory for Builds {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        say!("3. build_protocol: the connection is there, and no protocol yet");
        let done = self.0.take();
        Some(Box::new(Born { done, heard: false }))
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let address = recite(reactor, &["eagle"])?.remove(0);
        let factory = Rc::new(Builds(Cell::new(Some(done))));
        say!("1. connect is called");
        connect(reactor, &address, factory);
        say!("2. connect has returned");
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: born
