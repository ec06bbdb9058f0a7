//! One factory behind two endpoints, asked by clients that know nothing of reactors.
use pocket::{reactor, transport};
#[path = "../steps/endpoint_2.rs"]
mod endpoint;

// ANCHOR: main
use endpoint::Endpoint;
use pocket::deferred::Failure;
use pocket::reactor::Reactor;
use pocket::remote::Remote;
use pocket::transport::{Factory, Protocol, Transport};
use std::{error::Error, io::Read, net::TcpStream, os::unix::net::UnixStream, rc::Rc, thread};

struct Hello;

impl Protocol for Hello {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(b"hope is the thing with feathers");
        transport.lose_connection();
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

impl Factory for Hello {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Hello))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new()?;
    let path = std::env::temp_dir().join(format!("doors-{}.sock", std::process::id()));
    let (port, unix) = (free_port()?, path.clone());
    for text in [format!("tcp:{port}"), format!("unix:{}", path.display())] {
        Endpoint::parse(&text)?.listen(&reactor.handle(), Rc::new(Hello))?;
    }
    let remote = Remote::new(&reactor.handle())?;
    let clients = thread::spawn(move || {
        println!("by TCP: {:?}", read(TcpStream::connect(("127.0.0.1", port))));
        println!("by Unix: {:?}", read(UnixStream::connect(unix)));
        remote.call(|reactor| reactor.stop());
    });
    reactor.run()?;
    clients.join().expect("the clients do not panic");
    Ok(std::fs::remove_file(path)?)
}
// ANCHOR_END: main

fn read(stream: std::io::Result<impl Read>) -> std::io::Result<String> {
    let mut said = String::new();
    stream?.read_to_string(&mut said)?;
    Ok(said)
}

/// The pocket's ids do not say which port the system has chosen.
fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
