//! A server that shouts each line back, and a client that sends three of them in two pieces.
use deferreds::Failure;
use protocols::{Lines, Receiver, Receiving};
use reactor::{Address, Hold, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

// ANCHOR: server
/// Answers each line in capitals; hangs up at `bye`.
struct Shout;

impl Receiver<Vec<u8>> for Shout {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        transport.write_sequence([line.to_ascii_uppercase().as_slice(), b"\r\n"]);
        if line == b"bye" {
            transport.lose_connection();
        }
        Ok(())
    }
}
// ANCHOR_END: server

// ANCHOR: client
struct Client {
    answers: Vec<u8>,
    done: Option<Hold>,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("who has seen the w");
        let later = transport.clone();
        transport
            .handle()
            .call_later(Duration::from_millis(50), move |_| {
                later.write("ind\r\nneither I nor you\r\nbye\r\nand more\r\n");
            });
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.answers.extend_from_slice(data);
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("{}", String::from_utf8_lossy(&self.answers).trim_end());
        say!("({why})");
        self.done.take();
    }
}
// ANCHOR_END: client

struct Once(Cell<Option<Hold>>);

impl Factory for Once {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let (answers, done) = (Vec::new(), self.0.take());
        Some(Box::new(Client { answers, done }))
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: listen
        let factory = Rc::new(|_: &Address| Receiving::new(Lines::new(1000), Shout));
        let port = trace::host("server", || listen(reactor, &Address::loopback(0), factory))?;
        // ANCHOR_END: listen
        connect(
            reactor,
            port.address(),
            Rc::new(Once(Cell::new(Some(done)))),
        );
        Ok::<(), io::Error>(())
    })
}
