//! Four ways in which a connection falls silent, and what its protocol hears of each.
use deferreds::Failure;
use protocols::{Lines, Receiver, Receiving, TimeOut};
use reactor::{Reactor, Sim};
use std::{rc::Rc, time::Duration};
use transports::{Address, Loss, Protocol, Transport, connect, listen};

/// Counts lines, and says when and why there are no more.
struct Counts(usize);

// ANCHOR: hears
impl Receiver<Vec<u8>> for Counts {
    fn message_received(&mut self, _: &Transport, _: Vec<u8>) -> Result<(), Failure> {
        self.0 += 1;
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let now = transport.handle().now();
        println!("  {} lines, and after {now:.1}: {why}", self.0);
        let _ = transport.handle().stop();
    }
}
// ANCHOR_END: hears

/// Sends a line each second, `count` of them, then closes.
struct Speaks(usize);

fn speak(transport: Transport, left: usize) {
    if left == 0 {
        return transport.lose_connection();
    }
    transport.write("Hope is the thing with feathers\r\n");
    let second = Duration::from_secs(1);
    let handle = transport.handle().clone();
    handle.call_later(second, move |_| speak(transport, left - 1));
}

impl Protocol for Speaks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        speak(transport.clone(), self.0);
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

fn run(world: &str, lines: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut reactor = Reactor::new(Sim::parse(world)?);
    let handle = reactor.handle();
    let speaks = Rc::new(move |_: &Address| Speaks(lines));
    let port = trace::host("server", || listen(&handle, &Address::loopback(0), speaks))?;
    let counts = |_: &Address| {
        let lines = Receiving::new(Lines::new(80), Counts(0));
        TimeOut::new(Duration::from_secs(3), lines)
    };
    connect(&handle, port.address(), Rc::new(counts));
    Ok(reactor.run()?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // ANCHOR: four
    let worlds = [
        ("the server closes after five lines", "1", 5),
        (
            "the connection is reset after 100 bytes",
            "1,reset=1@100",
            5,
        ),
        (
            "the network is parted from 2.5 s to 4 s",
            "1,partition=2500ms-4s",
            5,
        ),
        (
            "the network is parted from 2.5 s on",
            "1,partition=2500ms",
            5,
        ),
    ];
    for (what, world, lines) in worlds {
        println!("{what}:");
        run(world, lines)?;
    }
    // ANCHOR_END: four
    Ok(())
}
