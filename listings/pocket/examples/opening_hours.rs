//! A server that is started and stopped.
use pocket::{deferred, endpoint, reactor, transport};
#[path = "../steps/service_1.rs"]
mod service;

// ANCHOR: main
use pocket::endpoint::Endpoint;
use pocket::reactor::Reactor;
use pocket::transport::{Factory, Protocol};
use service::{Service, Serving};
use std::{error::Error, net::TcpStream, rc::Rc};

struct Closes;

impl Factory for Closes {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        None
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let reactor = Reactor::new()?;
    let handle = reactor.handle();
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    let serving = Serving::new(Endpoint::parse(&format!("tcp:{port}"))?, Rc::new(Closes));
    println!("made: {}", answers());
    serving.start(&handle)?;
    println!("started: {}", answers());
    serving.stop(&handle).on_result(|result| println!("stopped: {}", result.is_ok()));
    println!("after it: {}", answers());
    Ok(())
}
// ANCHOR_END: main
