//! `get_poem` returns a Deferred: one poem after another, on the pocket's loop.
use mio::net::TcpStream;
use pocket::deferred::{Deferred, Failure, Resolver};
use pocket::reactor::{Handle, Id, Reactor, Source};
use poetry::{Options, Pace, Poem, Server};
use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, Read};
use std::{net::SocketAddr, rc::Rc, time::Duration};

// ANCHOR: get_poem
struct Download {
    stream: TcpStream,
    poem: RefCell<Vec<u8>>,
    resolver: Cell<Option<Resolver<String>>>,
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id) {
        let mut bytes = [0; 1024];
        let end = loop {
            match (&self.stream).read(&mut bytes) {
                Ok(0) => break String::from_utf8(self.poem.take()).map_err(Failure::from),
                Ok(n) => self.poem.borrow_mut().extend(&bytes[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => break Err(error.into()),
            }
        };
        reactor.forget(id);
        if let Some(resolver) = self.resolver.take() {
            resolver.fire(end);
        }
    }
}

pub fn get_poem(reactor: &Handle, address: SocketAddr) -> Deferred<String> {
    let (resolver, deferred) = Deferred::new();
    let begun = || -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        let id = reactor.adopt(&mut stream)?;
        let (poem, resolver) = (RefCell::default(), Cell::new(Some(resolver)));
        reactor.register(id, Rc::new(Download { stream, poem, resolver }));
        Ok(())
    };
    match begun() {
        Ok(()) => deferred,
        Err(error) => Deferred::from(Err(error.into())),
    }
}
// ANCHOR_END: get_poem

fn main() -> io::Result<()> {
    let poems = ["hope", "wind"].map(|name| Poem::named(name).unwrap()).to_vec();
    let pace = Pace::new(120, Duration::from_millis(20));
    let servers = Server::start(Options { poems, pace, ..Options::default() })?;
    let [hope, wind] = [servers.addresses()[0], servers.addresses()[1]];

    // ANCHOR: main
    let mut reactor = Reactor::new()?;
    let (h, handle) = (reactor.handle(), reactor.handle());
    get_poem(&h, hope)
        .add_callback(move |poem| {
            println!("the first has {} bytes", poem.len());
            get_poem(&h, wind)
        })
        .add_callback(|poem| Ok(poem.len()))
        .on_result(move |second| {
            println!("the second: {second:?}");
            handle.stop();
        });
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}
