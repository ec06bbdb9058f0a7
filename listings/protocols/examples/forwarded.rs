//! A question through a port forward, with a log on its way: bytes, ends, and the answer that comes
//! after one.
use deferreds::Failure;
use protocols::{Heard, forward, log_traffic};
use reactor::{Address, Hold, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

// ANCHOR: server
/// Counts the letters until the client has ended, and answers then.
struct Counts(usize);

impl Protocol for Counts {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0 += data
            .iter()
            .filter(|byte| byte.is_ascii_alphabetic())
            .count();
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        transport.write(format!("{} letters", self.0));
        transport.lose_connection();
    }
}
// ANCHOR_END: server

struct Asks(Option<Hold>);

impl Protocol for Asks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("Hope is the thing with feathers");
        transport.lose_write_connection();
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("the client reads: {}", String::from_utf8_lossy(data));
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        say!("the client: {why}");
        let done = self.0.take(); // a moment longer, so that the others hear of the end, too
        let moment = std::time::Duration::from_millis(50);
        transport.handle().call_later(moment, move |_| drop(done));
    }
}

struct Once(Cell<Option<Hold>>);

impl Factory for Once {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Asks(self.0.take())))
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: way
        let counts = Rc::new(|_: &Address| Counts(0));
        let server = trace::host("server", || listen(reactor, &Address::loopback(0), counts))?;
        let copies = log_traffic(forward(server.address().clone()), |line| match line.heard {
            Heard::Drained => {} // when the system takes what is written is its own affair
            _ => say!("forward {line}"),
        });
        let port = trace::host("forward", || listen(reactor, &Address::loopback(0), copies))?;
        connect(
            reactor,
            port.address(),
            Rc::new(Once(Cell::new(Some(done)))),
        );
        // ANCHOR_END: way
        Ok::<(), io::Error>(())
    })
}
