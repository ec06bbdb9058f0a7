//! Asks a socket that must not wait, and takes "nothing there yet" for an error.
use std::{
    io::Read,
    net::{TcpListener, TcpStream},
};

fn main() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap(); // sends nothing
    let mut stream = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    stream.set_nonblocking(true).unwrap();

    let mut buffer = [0; 4096];
    let n = stream.read(&mut buffer).unwrap();
    println!("{n} bytes");
}
