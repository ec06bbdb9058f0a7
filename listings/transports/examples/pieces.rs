//! How many calls of `data_received` a text becomes: written in one turn, and in three.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

const LINE: [&str; 3] = ["Gather ye ", "rosebuds ", "while ye may"];

// ANCHOR: sender
/// Writes three pieces: in one turn, or each in a turn of its own.
struct Sender {
    at_once: bool,
}

impl Protocol for Sender {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        for (number, piece) in LINE.into_iter().enumerate() {
            if self.at_once {
                transport.write(piece);
            } else {
                let later = transport.clone();
                let delay = Duration::from_millis(200 * number as u64);
                let handle = transport.handle();
                handle.call_later(delay, move |_| later.write(piece));
            }
        }
        let closing = transport.clone();
        let handle = transport.handle();
        handle.call_later(Duration::from_millis(1_000), move |_| {
            closing.lose_connection()
        });
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}
// ANCHOR_END: sender

// ANCHOR: receiver
/// Prints each call.
struct Receiver {
    name: &'static str,
    _done: Hold,
}

impl Protocol for Receiver {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(data);
        say!("{}: {} bytes: {text:?}", self.name, data.len());
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        say!("{}: lost", self.name);
    }
}
// ANCHOR_END: receiver

fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        for (name, at_once) in [("one turn", true), ("three turns", false)] {
            let sender = Rc::new(move |_: &Address| Sender { at_once });
            let port = listen(reactor, &Address::loopback(0), sender)?;
            let _done = done.clone();
            let receiver = move |_: &Address| Receiver {
                name,
                _done: _done.clone(),
            };
            connect(reactor, port.address(), Rc::new(receiver));
        }
        Ok::<(), io::Error>(())
    })
}
