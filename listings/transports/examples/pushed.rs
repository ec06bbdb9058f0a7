//! The same writer as a push producer: told when to wait, and when to go on.
use deferreds::Failure;
use reactor::{Address, Reactor, Sim};
use std::{cell::Cell, error::Error, rc::Rc, time::Duration};
use trace::say;
use transports::{Pace, Producer, Protocol, Transport, connect, listen};

const PIECE: usize = 16 * 1024;
const EACH: Duration = Duration::from_millis(10);

// ANCHOR: producer
/// Writes 16 KiB every 10 ms, unless it is paused.
struct Spring {
    paused: Cell<bool>,
    left: Cell<usize>,
    most: Cell<usize>,
}

impl Producer for Spring {
    fn pause_producing(&self, transport: &Transport) {
        say!(
            "{:.2}: paused, {} KiB wait",
            transport.handle().now(),
            transport.waiting() / 1024
        );
        self.paused.set(true);
    }

    fn resume_producing(&self, transport: &Transport) -> Result<(), Failure> {
        say!("{:.2}: resumed", transport.handle().now());
        self.paused.set(false);
        Ok(())
    }
}

fn pour(spring: Rc<Spring>, transport: Transport) {
    if !spring.paused.get() {
        transport.write([b'~'; PIECE]);
        spring.left.set(spring.left.get() - 1);
        spring.most.set(spring.most.get().max(transport.waiting()));
    }
    if spring.left.get() == 0 {
        say!(
            "all written, never more than {} KiB waited",
            spring.most.get() / 1024
        );
        transport.unregister_producer();
        let _ = transport.handle().stop();
        return;
    }
    let handle = transport.handle().clone();
    handle.call_later(EACH, move |_| pour(spring, transport));
}
// ANCHOR_END: producer

struct Server;

impl Protocol for Server {
    // ANCHOR: register
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let spring = Rc::new(Spring {
            paused: Cell::new(false),
            left: Cell::new(50),
            most: Cell::new(0),
        });
        transport.register_producer(spring.clone(), Pace::Push)?;
        pour(spring, transport.clone());
        Ok(())
    }
    // ANCHOR_END: register

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

/// Reads once in 100 ms.
struct Slow;

impl Protocol for Slow {
    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        transport.pause_reading();
        let again = transport.clone();
        let handle = transport.handle();
        handle.call_later(Duration::from_millis(100), move |_| again.resume_reading());
        Ok(())
    }
}

/// In the simulated world, always: a real system keeps megabytes between two programs of one
/// machine.
fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new(Sim::parse("1,buffer=65536")?);
    let handle = reactor.handle();
    let port = listen(
        &handle,
        &Address::loopback(0),
        Rc::new(|_: &Address| Server),
    )?;
    connect(&handle, port.address(), Rc::new(|_: &Address| Slow));
    Ok(reactor.run()?)
}
