//! A web server that answers a GET, and says what is wrong with anything else.
use pocket::{deferred, protocol, transport};
#[path = "../steps/http_2.rs"]
mod http;
use mio::net::TcpListener;
use pocket::reactor::{Handle, Reactor};
use pocket::remote::Remote;
use std::io::{self, Write};
use std::net::{self, SocketAddr};
use std::{env, error::Error, rc::Rc, thread};

// ANCHOR: requests
const REQUESTS: &[&str] = &[
    "GET /poem HTTP/1.1\r\nHost: here\r\n\r\n",
    "POST /poem HTTP/1.1\r\n\r\n",
    "Gather ye rosebuds\r\n\r\n",
    "GET /poem HTTP/1.1\r\nthis line has no colon\r\n\r\n",
    "GET  /poem HTTP/1.1\r\n\r\n",
];
// ANCHOR_END: requests

// ANCHOR: main
fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let number = env::args().nth(1).unwrap_or("0".to_owned());
    let port = TcpListener::bind(format!("127.0.0.1:{number}").parse()?)?;
    let at = port.local_addr()?;
    transport::listen(&handle, port, Rc::new(http::Site))?;
    match number.as_str() {
        "0" => ask(at, REQUESTS, Remote::new(&handle)?),
        _ => println!("serving at http://{at}/"),
    }
    Ok(reactor.run()?)
}
// ANCHOR_END: main

// ANCHOR: ask
/// A client in a thread of its own, as any browser is. When all is asked, it ends the program.
fn ask(at: SocketAddr, requests: &'static [&'static str], stop: Remote) {
    thread::spawn(move || {
        for request in requests {
            let reply = net::TcpStream::connect(at).and_then(|mut stream| {
                stream.write_all(request.as_bytes())?;
                io::read_to_string(stream)
            });
            match reply.as_ref().map(|reply| reply.split_once("\r\n\r\n")) {
                Ok(Some((head, page))) => println!("{}: {page}", head.lines().next().unwrap_or("")),
                other => println!("{other:?}"),
            }
        }
        stop.call(Handle::stop);
    });
}
// ANCHOR_END: ask
