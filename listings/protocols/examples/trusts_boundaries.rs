//! A mistake: a server that takes each call of `data_received` for one line.
use deferreds::Failure;
use reactor::{Address, Hold, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

// ANCHOR: server
/// Counts lines, it believes.
#[derive(Default)]
struct Counts(usize);

impl Protocol for Counts {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0 += 1;
        let line = String::from_utf8_lossy(data);
        say!("line {}: {line:?}", self.0);
        Ok(())
    }
}
// ANCHOR_END: server

// ANCHOR: client
struct Client(Option<Hold>);

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("one\r\n");
        transport.write("two\r\n");
        let later = transport.clone();
        transport
            .handle()
            .call_later(Duration::from_millis(50), move |reactor| {
                later.write("thr");
                reactor.call_later(Duration::from_millis(50), move |_| {
                    later.write("ee\r\n");
                    later.lose_connection();
                });
            });
        Ok(())
    }
    // ANCHOR_END: client
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        let done = self.0.take();
        transport
            .handle()
            .call_later(Duration::from_millis(50), move |_| drop(done));
    }
}

struct Once(Cell<Option<Hold>>);

impl Factory for Once {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Client(self.0.take())))
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let factory = Rc::new(|_: &Address| Counts::default());
        let port = trace::host("server", || listen(reactor, &Address::loopback(0), factory))?;
        connect(
            reactor,
            port.address(),
            Rc::new(Once(Cell::new(Some(done)))),
        );
        Ok::<(), io::Error>(())
    })
}
