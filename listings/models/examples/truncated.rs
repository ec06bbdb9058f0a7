//! A server dies half-way, and the client prints half a poem as if it were whole.
use poetry::{Fault, Options, Pace, Poem, Server};
use std::{
    io::{self, Read},
    net::TcpStream,
};

fn main() -> io::Result<()> {
    let server = Server::start(Options {
        poems: vec![Poem::named("eagle").expect("is there")],
        pace: Pace::at_once(),
        fault: Fault::Truncate,
        ..Options::default()
    })?;

    let mut poem = String::new();
    TcpStream::connect(server.addresses()[0])?.read_to_string(&mut poem)?;
    println!("{poem}");
    println!("-- fetched without any error: {} bytes", poem.len());
    Ok(())
}
