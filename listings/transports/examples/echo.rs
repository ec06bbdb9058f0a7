//! An echo server and a client: who calls whom, from the first connection to the last loss.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{cell::Cell, error::Error, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

// ANCHOR: server
/// Sends back whatever comes.
struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        Ok(())
    }
}
// ANCHOR_END: server

// ANCHOR: client
/// Sends one line, and prints what happens to it.
struct Client {
    done: Option<Hold>,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        say!("made");
        transport.write("Gather ye rosebuds while ye may");
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("data: {}", String::from_utf8_lossy(data));
        transport.lose_connection();
        say!("asked to close");
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("lost: {why}");
        drop(self.done.take());
    }
}
// ANCHOR_END: client

// ANCHOR: factory
/// Builds the client's one protocol.
struct Once {
    done: Cell<Option<Hold>>,
}

impl Factory for Once {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let done = self.done.take();
        Some(Box::new(Client { done }))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        say!("{why}");
        drop(self.done.take());
    }
}
// ANCHOR_END: factory

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let echo = Rc::new(|_: &Address| Echo);
        let port = trace::host("server", || listen(reactor, &Address::loopback(0), echo))?;
        let done = Cell::new(Some(done));
        connect(reactor, port.address(), Rc::new(Once { done }));
        Ok::<(), Box<dyn Error + Send + Sync>>(())
    })
}
// ANCHOR_END: main
