//! Poetry client 1.0 on the pocket's reactor: three poems at once.
use mio::net::TcpStream;
use pocket::reactor::{Handle, Id, Reactor, Source};
use poetry::{Options, Pace, Poem, Server};
use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, Read};
use std::{net::SocketAddr, rc::Rc, time::Duration};

// ANCHOR: client
struct PoetryClient {
    number: usize,
    stream: TcpStream,
    poem: RefCell<Vec<u8>>,
    missing: Rc<Cell<usize>>,
}

impl Source for PoetryClient {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id) {
        let mut bytes = [0; 1024];
        loop {
            match (&self.stream).read(&mut bytes) {
                Ok(0) => return self.finished(reactor, id, "complete"),
                Ok(n) => self.poem.borrow_mut().extend(&bytes[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return self.finished(reactor, id, &error.to_string()),
            }
        }
    }
}

impl PoetryClient {
    fn start(
        reactor: &Handle,
        number: usize,
        address: SocketAddr,
        missing: &Rc<Cell<usize>>,
    ) -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        let id = reactor.adopt(&mut stream)?;
        let (poem, missing) = (RefCell::default(), missing.clone());
        reactor.register(id, Rc::new(PoetryClient { number, stream, poem, missing }));
        Ok(())
    }

    fn finished(&self, reactor: &Handle, id: Id, how: &str) {
        println!("poem {}: {how}, {} bytes", self.number, self.poem.borrow().len());
        reactor.forget(id);
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() == 0 {
            reactor.stop();
        }
    }
}
// ANCHOR_END: client

fn main() -> io::Result<()> {
    let poems = ["hope", "wind", "requiem"].map(|name| Poem::named(name).unwrap()).to_vec();
    let pace = Pace::new(120, Duration::from_millis(50));
    let servers = Server::start(Options { poems, pace, ..Options::default() })?;

    // ANCHOR: main
    let mut reactor = Reactor::new()?;
    let missing = Rc::new(Cell::new(servers.addresses().len()));
    for (number, address) in (1..).zip(servers.addresses()) {
        PoetryClient::start(&reactor.handle(), number, *address, &missing)?;
    }
    reactor.run()?;
    println!("all poems are here");
    // ANCHOR_END: main
    Ok(())
}
