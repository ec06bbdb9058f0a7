//! Finger as a service: users in a table, the endpoint from a string, stopped like every program.
use applications::{Endpoint, Serving, run};
use deferreds::Failure;
use protocols::{Lines, Receiver, Receiving};
use std::{collections::BTreeMap, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::{Address, Loss, Protocol, Transport, connect};

// ANCHOR: logic
/// Who is known, and what is said of them. It knows of no connection.
struct Users(BTreeMap<&'static str, &'static str>);

impl Users {
    fn about(&self, name: &str) -> &str {
        self.0.get(name).copied().unwrap_or("No such user")
    }
}
// ANCHOR_END: logic

// ANCHOR: protocol
/// One question a connection: a name in, what is said of it out.
struct Finger(Rc<Users>);

impl Receiver<Vec<u8>> for Finger {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let name = String::from_utf8_lossy(&line);
        transport.write(format!("{}\r\n", self.0.about(name.trim())));
        transport.lose_connection();
        Ok(())
    }
}
// ANCHOR_END: protocol

// ANCHOR: main
fn main() -> ExitCode {
    run(|reactor, services| {
        let users = Rc::new(Users(BTreeMap::from([
            ("emily", "Hope is the thing with feathers"),
            ("christina", "Who has seen the wind?"),
        ])));
        let factory =
            Rc::new(move |_: &Address| Receiving::new(Lines::new(100), Finger(Rc::clone(&users))));
        let endpoint = std::env::args().nth(1);
        let endpoint = endpoint.as_deref().unwrap_or("tcp:0:interface=127.0.0.1");
        let finger = Serving::new("finger", endpoint.parse::<Endpoint>()?, factory);
        services.add(finger.clone());
        // ANCHOR_END: main
        if std::env::args().nth(1).is_none() {
            ask(reactor, finger);
        }
        Ok(())
    })
}

/// Without an endpoint of yours, the program asks itself, and stops.
fn ask(reactor: &reactor::Handle, finger: Rc<Serving>) {
    reactor.call_soon(move |reactor| {
        let Some(address) = finger.address() else {
            return;
        };
        for (number, name) in ["emily", "edgar"].into_iter().enumerate() {
            let (address, last) = (address.clone(), number == 1);
            reactor.call_later(Duration::from_millis(50 * number as u64), move |reactor| {
                connect(
                    reactor,
                    &address,
                    Rc::new(move |_: &Address| Asks(name, last)),
                );
            });
        }
    });
}

struct Asks(&'static str, bool);

impl Protocol for Asks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(format!("{}\r\n", self.0));
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("{}: {}", self.0, String::from_utf8_lossy(data).trim_end());
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        if self.1 {
            let _ = transport.handle().stop();
        }
    }
}
