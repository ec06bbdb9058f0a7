//! Pages in a tree; one of them comes a moment later, and one never.
use mio::net::TcpListener;
use pocket::deferred::Deferred;
use pocket::http::{Request, Resource, Site};
use pocket::reactor::{Handle, Reactor};
use pocket::remote::Remote;
use std::io::{self, Write};
use std::net::{self, SocketAddr};
use std::{env, error::Error, rc::Rc, thread, time::Duration};

// ANCHOR: tree
struct Root(Handle);

impl Resource for Root {
    fn get_child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        match name {
            "late" => Some(Rc::new(Late(self.0.clone()))),
            "broken" => Some(Rc::new(Broken)),
            _ => None,
        }
    }

    fn render(&self, request: &Request) -> Deferred<String> {
        let host = request.headers.get("host").map_or("nobody", String::as_str);
        Deferred::succeed(format!("you asked {host}"))
    }
}

struct Late(Handle);

impl Resource for Late {
    fn render(&self, _: &Request) -> Deferred<String> {
        let (resolver, page) = Deferred::new();
        let late = move |_: &Handle| resolver.callback("at last".to_owned());
        self.0.call_later(Duration::from_millis(100), late);
        page
    }
}

struct Broken;

impl Resource for Broken {
    fn render(&self, _: &Request) -> Deferred<String> {
        let (_resolver, page) = Deferred::new();
        page
    }
}
// ANCHOR_END: tree

// ANCHOR: requests
const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: the pocket\r\n\r\n",
    "GET /late HTTP/1.1\r\n\r\n",
    "GET /broken HTTP/1.1\r\n\r\n",
    "GET /late/later HTTP/1.1\r\n\r\n",
];
// ANCHOR_END: requests

// ANCHOR: main
fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let number = env::args().nth(1).unwrap_or("0".to_owned());
    let port = TcpListener::bind(format!("127.0.0.1:{number}").parse()?)?;
    let at = port.local_addr()?;
    let site = Site(Rc::new(Root(handle.clone())));
    pocket::transport::listen(&handle, port, Rc::new(site))?;
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
