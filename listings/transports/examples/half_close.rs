//! A server that counts what it was sent, and answers when the client has said all.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

// ANCHOR: server
/// Counts lines, as `wc -l` does.
#[derive(Default)]
struct Count {
    lines: usize,
}

impl Protocol for Count {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.lines += data.iter().filter(|byte| **byte == b'\n').count();
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        say!("server: the client has said all");
        transport.write(format!("{} lines", self.lines));
        transport.lose_connection();
    }
}
// ANCHOR_END: server

// ANCHOR: client
struct Client {
    _done: Hold,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("Gather ye rosebuds while ye may,\nOld Time is still a-flying;\n");
        transport.lose_write_connection();
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("client: {}", String::from_utf8_lossy(data));
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("client: {why}");
    }
}
// ANCHOR_END: client

fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let count = Rc::new(|_: &Address| Count::default());
        let port = trace::host("server", || listen(reactor, &Address::loopback(0), count))?;
        let client = move |_: &Address| Client {
            _done: done.clone(),
        };
        connect(reactor, port.address(), Rc::new(client));
        Ok::<(), io::Error>(())
    })
}
