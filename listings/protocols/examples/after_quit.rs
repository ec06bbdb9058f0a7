//! A mistake: a loop goes on with the lines behind `quit`.
use deferreds::Failure;
use protocols::{Framing, Lines};
use reactor::{Address, Hold, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

// ANCHOR: loop
struct Shelf(Lines);

impl Protocol for Shelf {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.feed(data);
        while let Some(line) = self.0.next_message()? {
            match line.as_slice() {
                b"quit" => {
                    transport.write("bye\r\n");
                    transport.lose_connection();
                }
                b"delete all" => {
                    say!("server: all poems are deleted");
                    transport.write("deleted\r\n");
                }
                _ => transport.write("what?\r\n"),
            }
        }
        Ok(())
    }
}
// ANCHOR_END: loop

struct Client(Option<Hold>);

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("quit\r\ndelete all\r\n");
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("client: {}", String::from_utf8_lossy(data).trim_end());
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("client: {why}");
        self.0.take();
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
        let shelf = Rc::new(|_: &Address| Shelf(Lines::new(80)));
        let port = trace::host("server", || listen(reactor, &Address::loopback(0), shelf))?;
        connect(
            reactor,
            port.address(),
            Rc::new(Once(Cell::new(Some(done)))),
        );
        Ok::<(), io::Error>(())
    })
}
