//! A million bytes for a peer that takes its time: write returns at once, and the close waits.
use pocket::{deferred, reactor};
#[path = "../steps/transport_2.rs"]
mod transport;
use deferred::Failure;
use mio::net::TcpStream;
use reactor::{Handle, Reactor};
use std::{error::Error, io::Read, net::TcpListener, rc::Rc, thread, time::Duration};
use transport::{Factory, Loss, Protocol, Transport, connect};

// ANCHOR: protocol
struct Writer(Handle);

impl Protocol for Writer {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(&vec![b'~'; 10_000_000]);
        println!("written");
        transport.lose_connection();
        transport.write(b"too late");
        println!("closed?");
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        println!("{why:?}");
        self.0.stop();
    }
}
// ANCHOR_END: protocol

struct Writers(Handle);

impl Factory for Writers {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Writer(self.0.clone())))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let at = listener.local_addr()?;
    let slow = thread::spawn(move || -> std::io::Result<usize> {
        let (mut stream, _) = listener.accept()?;
        let (mut all, mut buffer) = (0, vec![0; 1_000_000]);
        loop {
            thread::sleep(Duration::from_millis(5));
            match stream.read(&mut buffer)? {
                0 => return Ok(all),
                n => all += n,
            }
        }
    });
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    connect(&handle, Box::new(TcpStream::connect(at)?), Rc::new(Writers(handle.clone())))?;
    reactor.run()?;
    println!("the slow one has read {} bytes", slow.join().expect("no panic")?);
    Ok(())
}
