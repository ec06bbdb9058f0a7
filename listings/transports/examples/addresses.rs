//! Which address is whose: host and peer, as each side sees them.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

// ANCHOR: side
/// Prints both addresses.
struct Side {
    name: &'static str,
    _done: Option<Hold>,
}

impl Protocol for Side {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        say!(
            "{}: host {}, peer {}",
            self.name,
            transport.host()?,
            transport.peer()
        );
        if self.name == "server" {
            transport.lose_connection();
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        let host = transport.host().map_err(|error| error.kind());
        say!(
            "{}: lost; host {host:?}, peer {}",
            self.name,
            transport.peer()
        );
    }
}
// ANCHOR_END: side

fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let hold = Cell::new(Some(done.clone()));
        let server = move |_: &Address| Side {
            name: "server",
            _done: hold.take(),
        };
        let port = trace::host("server", || {
            listen(reactor, &Address::loopback(0), Rc::new(server))
        })?;
        say!("listens at {}", port.address());
        let client = move |_: &Address| Side {
            name: "client",
            _done: Some(done.clone()),
        };
        connect(reactor, port.address(), Rc::new(client));
        Ok::<(), io::Error>(())
    })
}
