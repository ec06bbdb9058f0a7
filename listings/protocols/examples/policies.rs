//! A server of two at a time that hangs up when a client is silent, and three clients.
use deferreds::Failure;
use protocols::{Limits, Lines, Receiver, Receiving, TimeOut};
use reactor::{Address, Handle, Hold, react};
use std::{io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

/// Answers each line in capitals.
struct Shout;

impl Receiver<Vec<u8>> for Shout {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        transport.write_sequence([line.to_ascii_uppercase().as_slice(), b"\r\n"]);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("server: {why}");
    }
}

/// Sends so many lines, one every 200 ms, and hangs up after the last one. Without a line it only
/// listens.
struct Client {
    name: &'static str,
    lines: usize,
    answers: Vec<u8>,
    done: Rc<Hold>,
}

fn talk(reactor: &Handle, transport: Transport, lines: usize) {
    reactor.call_later(Duration::from_millis(200), move |reactor| {
        if lines == 0 {
            return transport.lose_connection();
        }
        transport.write("hope\r\n");
        talk(reactor, transport, lines - 1);
    });
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        if self.lines > 0 {
            talk(transport.handle(), transport.clone(), self.lines);
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.answers.extend_from_slice(data);
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let answers = self.answers.len() / b"HOPE\r\n".len();
        say!("{}: {answers} answers, {why}", self.name);
        // A moment longer, so that the server hears of the end, too.
        let done = Rc::clone(&self.done);
        transport
            .handle()
            .call_later(Duration::from_millis(50), move |_| drop(done));
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: server
        let patience = Duration::from_millis(300);
        let shouting = move |_: &Address| {
            let lines = Receiving::new(Lines::new(80), Shout);
            TimeOut::new(patience, lines)
        };
        let factory = Limits::new(1000, 2).around(Rc::new(shouting));
        let port = trace::host("server", || listen(reactor, &Address::loopback(0), factory))?;
        // ANCHOR_END: server
        // ANCHOR: clients
        let done = Rc::new(done);
        for (name, lines) in [("talks", 3), ("is silent", 0), ("comes third", 0)] {
            let done = Rc::clone(&done);
            let client = move |_: &Address| Client {
                name,
                lines,
                answers: Vec::new(),
                done: Rc::clone(&done),
            };
            connect(reactor, port.address(), Rc::new(client));
        }
        // ANCHOR_END: clients
        Ok::<(), io::Error>(())
    })
}
