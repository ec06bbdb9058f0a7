//! A mistake: a server hangs up on a bad peer in good order, and its log says that all went well.
use deferreds::Failure;
use protocols::{FrameError, Framing, Lines};
use reactor::{Address, Hold, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

/// Reads lines of at most ten bytes.
struct Reads {
    name: &'static str,
    lines: Lines,
    too_long: fn(&Transport, FrameError) -> Result<(), Failure>,
}

impl Protocol for Reads {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.lines.feed(data);
        while !transport.is_closing() {
            match self.lines.next_message() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => return (self.too_long)(transport, error),
            }
        }
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("{}: {why}", self.name);
    }
}

/// Sends a line that is too long.
struct Sends(Option<Hold>);

impl Protocol for Sends {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("Hope is the thing with feathers\r\n");
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        self.0.take();
    }
}

struct Once(Cell<Option<Hold>>);

impl Factory for Once {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Sends(self.0.take())))
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: two
        type TooLong = fn(&Transport, FrameError) -> Result<(), Failure>;
        let servers: [(&str, TooLong); 2] = [
            ("one that closes", |transport, _| {
                transport.lose_connection();
                Ok(())
            }),
            ("one that fails", |_, error| Err(Failure::new(error))),
        ];
        // ANCHOR_END: two
        for (name, too_long) in servers {
            let server = move |_: &Address| Reads {
                name,
                lines: Lines::new(10),
                too_long,
            };
            let port = trace::host("server", || {
                listen(reactor, &Address::loopback(0), Rc::new(server))
            })?;
            connect(
                reactor,
                port.address(),
                Rc::new(Once(Cell::new(Some(done.clone())))),
            );
        }
        drop(done);
        Ok::<(), io::Error>(())
    })
}
