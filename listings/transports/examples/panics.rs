//! One protocol of three panics. Its connection is lost, and the others are served.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

// ANCHOR: server
/// Divides 12 by what it is sent.
struct Divide;

impl Protocol for Divide {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        let by: u32 = std::str::from_utf8(data)?.parse()?;
        transport.write(format!("12 / {by} = {}", 12 / by));
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        if let Loss::Failed(_) = why {
            say!("server: {why}");
        }
    }
}
// ANCHOR_END: server

struct Client {
    by: &'static str,
    _done: Hold,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(self.by);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("client: {}", String::from_utf8_lossy(data));
        transport.lose_connection();
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        if let Loss::Failed(_) = why {
            say!("client with {:?}: {why}", self.by);
        }
    }
}

fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let divide = Rc::new(|_: &Address| Divide);
        let port = trace::host("server", || listen(reactor, &Address::loopback(0), divide))?;
        for by in ["3", "0", "four"] {
            let _done = done.clone();
            let client = move |_: &Address| Client {
                by,
                _done: _done.clone(),
            };
            connect(reactor, port.address(), Rc::new(client));
        }
        Ok::<(), io::Error>(())
    })
}
