//! An echo server and its client, both on the pocket's reactor.
use mio::net::{TcpListener, TcpStream};
use pocket::deferred::Failure;
use pocket::reactor::{Handle, Reactor};
use pocket::transport::{Factory, Loss, Protocol, Transport, connect, listen};
use std::{error::Error, rc::Rc};

// ANCHOR: server
struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        Ok(())
    }
}

struct Echoes;

impl Factory for Echoes {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Echo))
    }
}
// ANCHOR_END: server

struct Client(Handle);

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(b"Gather ye rosebuds");
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        println!("{}", std::str::from_utf8(data)?);
        transport.lose_connection();
        println!("asked to close");
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        println!("{why:?}");
        self.0.stop();
    }
}

struct Clients(Handle);

impl Factory for Clients {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Client(self.0.clone())))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // ANCHOR: main
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    let at = listener.local_addr()?;
    listen(&handle, listener, Rc::new(Echoes))?;
    let clients = Rc::new(Clients(handle.clone()));
    connect(&handle, Box::new(TcpStream::connect(at)?), clients)?;
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}
