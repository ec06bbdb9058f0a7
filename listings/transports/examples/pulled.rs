//! A poem sent by a pull producer: one piece whenever the last is gone, and a close that waits for
//! the end.
use deferreds::Failure;
use poetry::Poem;
use reactor::{Address, Handle, Hold, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Loss, Pace, Producer, Protocol, Transport, connect, listen};

// ANCHOR: producer
/// A text, and how much of it has been sent.
struct Recital {
    text: &'static str,
    sent: Cell<usize>,
}

impl Producer for Recital {
    fn resume_producing(&self, transport: &Transport) -> Result<(), Failure> {
        let rest = &self.text.as_bytes()[self.sent.get()..];
        if rest.is_empty() {
            say!("server: all is sent");
            transport.unregister_producer();
            return Ok(());
        }
        let piece = &rest[..rest.len().min(100)];
        say!("server: asked, sends {} bytes", piece.len());
        transport.write(piece);
        self.sent.set(self.sent.get() + piece.len());
        Ok(())
    }
}
// ANCHOR_END: producer

struct Server;

impl Protocol for Server {
    // ANCHOR: register
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let recital = Recital {
            text: Poem::named("hope").map_or("", |poem| poem.text),
            sent: Cell::new(0),
        };
        transport.register_producer(Rc::new(recital), Pace::Pull)?;
        transport.lose_connection();
        say!("server: asked to close");
        Ok(())
    }
    // ANCHOR_END: register

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

struct Reader {
    received: usize,
    _done: Hold,
}

impl Protocol for Reader {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.received += data.len();
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("client: {} bytes, {why}", self.received);
    }
}

fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let port = trace::host("server", || {
            listen(
                reactor,
                &Address::loopback(0),
                Rc::new(|_: &Address| Server),
            )
        })?;
        let reader = move |_: &Address| Reader {
            received: 0,
            _done: done.clone(),
        };
        connect(reactor, port.address(), Rc::new(reader));
        Ok::<(), io::Error>(())
    })
}
