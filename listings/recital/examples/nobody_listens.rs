//! Panics: one refused connection ends all three downloads.
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, Id, Reactor, Readiness, Sim, Source};
use recital::Recital;
use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind},
    rc::Rc,
    time::Duration,
};
use trace::say;

// ANCHOR: client
/// How many downloads go on, all clients together.
type Missing = Rc<Cell<usize>>;

struct PoetryClient {
    number: usize,
    poem: RefCell<Vec<u8>>,
    missing: Missing,
}

impl Source for PoetryClient {
    fn ready(self: Rc<Self>, reactor: &Handle, stream: Id, _: Readiness) {
        let mut bytes = [0; 1024];
        loop {
            match reactor.read(stream, &mut bytes) {
                Ok(0) => return self.finished(reactor, stream),
                Ok(n) => {
                    say!("poem {}: {n} bytes", self.number);
                    self.poem.borrow_mut().extend(&bytes[..n]);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("poem {}: {error}", self.number),
            }
        }
    }
}

impl PoetryClient {
    fn start(reactor: &Handle, number: usize, at: &Address, missing: Missing) {
        let stream = reactor.connect(at).expect("connecting has begun");
        let poem = RefCell::default();
        reactor.register(
            stream,
            Rc::new(PoetryClient {
                number,
                poem,
                missing,
            }),
        );
    }

    fn finished(&self, reactor: &Handle, stream: Id) {
        say!(
            "poem {} is complete: {} bytes",
            self.number,
            self.poem.borrow().len()
        );
        reactor.close(stream, false);
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() == 0 {
            let _ = reactor.stop();
        }
    }
}
// ANCHOR_END: client

fn main() -> io::Result<()> {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let poems = ["hope", "wind"]
        .map(|name| Poem::named(name).unwrap())
        .to_vec();
    let pace = Pace::new(120, Duration::from_millis(100));
    let servers = Recital::start(
        &handle,
        Options {
            poems,
            pace,
            ..Options::default()
        },
    )?;

    // ANCHOR: main
    let missing = Rc::new(Cell::new(3));
    for (number, address) in (1..).zip(servers.addresses()) {
        PoetryClient::start(&handle, number, address, missing.clone());
    }
    handle.call_later(Duration::from_millis(50), |reactor| {
        let nobody = Address::loopback(1);
        PoetryClient::start(reactor, 3, &nobody, missing);
    });
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}
