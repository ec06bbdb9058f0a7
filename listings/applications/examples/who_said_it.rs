//! Two clients at once, one of which writes too much: the log says which.
use applications::{Captured, Endpoint, Service, Serving};
use deferreds::Failure;
use protocols::{Lines, Receiver, Receiving};
use reactor::{Address, Reactor, Sim};
use std::{rc::Rc, time::Duration};
use tracing::info;
use transports::{Protocol, Transport, connect};

// ANCHOR: protocol
/// It logs what it is asked. It does not say by whom: it need not know.
struct Finger;

impl Receiver<Vec<u8>> for Finger {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        info!(name = %String::from_utf8_lossy(&line), "asked");
        transport.write("No such user\r\n");
        transport.lose_connection();
        Ok(())
    }
}
// ANCHOR_END: protocol

// ANCHOR: main
fn main() -> Result<(), Failure> {
    let log = Captured::new();
    log.during(|| {
        let mut reactor = Reactor::new(Sim::new(1));
        let handle = reactor.handle();
        let at: Endpoint = "tcp:79:interface=127.0.0.1".parse()?;
        let factory = |_: &Address| Receiving::new(Lines::new(20), Finger);
        let serving = Serving::new("finger", at, Rc::new(factory));
        serving.start(&handle)?;
        for name in ["emily", "a name that is no name but goes on and on"] {
            let asks = Rc::new(move |_: &Address| Asks(name));
            connect(&handle, &Address::loopback(79), asks);
        }
        handle.call_later(Duration::from_secs(5), |reactor| reactor.stop().unwrap());
        Ok::<(), Failure>(reactor.run()?)
    })?;
    for entry in log.take() {
        // The port of a client is another one each time.
        let span = entry
            .spans
            .first()
            .and_then(|span| span.split(" peer=").next());
        let span = span.map_or("no span".to_owned(), |span| format!("{span}}}"));
        let fields: Vec<String> = entry
            .fields
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        println!(
            "{} {span}: {} {}",
            entry.level,
            entry.message,
            fields.join(" ")
        );
    }
    Ok(())
}
// ANCHOR_END: main

struct Asks(&'static str);

impl Protocol for Asks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(format!("{}\r\n", self.0));
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}
