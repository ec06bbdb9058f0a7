//! Three ways to end a connection with bytes still waiting, and what the peer sees of each.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

type End = fn(&Transport) -> Result<(), Failure>;

// ANCHOR: closer
/// Writes more than the network takes at once, and ends the connection in its way.
struct Closer {
    name: &'static str,
    end: End,
}

impl Protocol for Closer {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write([b'~'; 200_000]);
        (self.end)(transport)
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("{}: server: {why}", self.name);
    }
}
// ANCHOR_END: closer

struct Peer {
    name: &'static str,
    received: usize,
    _done: Hold,
}

impl Protocol for Peer {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.received += data.len();
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let whole = match self.received {
            200_000 => "all",
            _ => "not all",
        };
        say!("{}: client: {whole} received, {why}", self.name);
    }
}

// ANCHOR: ends
const ENDS: [(&str, End); 3] = [
    ("lose", |transport| {
        transport.lose_connection();
        Ok(())
    }),
    ("abort", |transport| {
        transport.abort_connection();
        Ok(())
    }),
    ("fail", |_| Err(Failure::new("I cannot go on"))),
];
// ANCHOR_END: ends

fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        for (name, end) in ENDS {
            let closer = Rc::new(move |_: &Address| Closer { name, end });
            let port = listen(reactor, &Address::loopback(0), closer)?;
            let _done = done.clone();
            let peer = move |_: &Address| Peer {
                name,
                received: 0,
                _done: _done.clone(),
            };
            connect(reactor, port.address(), Rc::new(peer));
        }
        Ok::<(), io::Error>(())
    })
}
