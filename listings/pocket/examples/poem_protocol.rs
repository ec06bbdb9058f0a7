//! A poem for a protocol: three events, and no socket in sight.
use pocket::{deferred, reactor};
#[path = "../steps/transport_1.rs"]
mod transport;
use deferred::Failure;
use mio::net::TcpStream;
use poetry::{Options, Pace, Poem, Server};
use reactor::Reactor;
use std::{error::Error, rc::Rc, time::Duration};
use transport::{Factory, Loss, Protocol, Transport, connect};

// ANCHOR: protocol
#[derive(Default)]
struct PoemReader {
    poem: String,
    calls: usize,
}

impl Protocol for PoemReader {
    fn connection_made(&mut self, _: &Transport) -> Result<(), Failure> {
        println!("connected");
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.calls += 1;
        self.poem.push_str(std::str::from_utf8(data)?);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        println!("{} bytes in {} calls: {why:?}", self.poem.len(), self.calls);
    }
}
// ANCHOR_END: protocol

// ANCHOR: factory
struct Readers(reactor::Handle);

impl Factory for Readers {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        Some(Box::<PoemReader>::default())
    }

    fn connection_failed(&self, why: Failure) {
        println!("no connection: {why}");
        self.0.stop();
    }
}
// ANCHOR_END: factory

fn main() -> Result<(), Box<dyn Error>> {
    let poems = Poem::named("hope").into_iter().collect();
    let pace = Pace::new(120, Duration::from_millis(50));
    let server = Server::start(Options { poems, pace, ..Options::default() })?;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?; // closed again

    // ANCHOR: main
    let mut reactor = Reactor::new()?;
    let readers = Rc::new(Readers(reactor.handle()));
    let to = TcpStream::connect(server.addresses()[0])?;
    connect(&reactor.handle(), Box::new(to), readers.clone())?;
    // A second later, the same at a port where nothing listens.
    reactor.handle().call_later(Duration::from_secs(1), move |reactor| {
        let to = TcpStream::connect(nobody).expect("it only begins");
        connect(reactor, Box::new(to), readers).expect("it only registers");
    });
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}
