//! A writer that never looks back, and a reader that takes its time.
use deferreds::Failure;
use reactor::{Address, Reactor, Sim, StopError};
use std::{error::Error, rc::Rc, time::Duration};
use trace::say;
use transports::{Protocol, Transport, connect, listen};

const PIECE: usize = 16 * 1024;
const EACH: Duration = Duration::from_millis(10);

// ANCHOR: writer
/// Writes 16 KiB every 10 ms, whatever happens to it.
struct Firehose;

impl Protocol for Firehose {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        pour(transport.clone(), 1)?;
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

fn pour(transport: Transport, piece: usize) -> Result<(), StopError> {
    transport.write([b'~'; PIECE]);
    if piece.is_multiple_of(10) {
        say!(
            "{} KiB written, {} KiB wait",
            piece * 16,
            transport.waiting() / 1024
        );
    }
    if piece == 50 {
        return transport.handle().stop();
    }
    let handle = transport.handle().clone();
    handle.call_later(EACH, move |h| {
        if let Err(error) = pour(transport, piece + 1) {
            h.fail(error);
        }
    });
    Ok(())
}
// ANCHOR_END: writer

// ANCHOR: reader
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
// ANCHOR_END: reader

// ANCHOR: main
/// In the simulated world, always: a real system keeps megabytes between two programs of one
/// machine.
fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new(Sim::parse("1,buffer=65536")?);
    let handle = reactor.handle();
    let port = listen(
        &handle,
        &Address::loopback(0),
        Rc::new(|_: &Address| Firehose),
    )?;
    connect(&handle, port.address(), Rc::new(|_: &Address| Slow));
    Ok(reactor.run()?)
}
// ANCHOR_END: main
